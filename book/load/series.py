"""One column of a file as it is held in memory; every value that cannot be read is a fault.

Most columns hold nothing but good values: that is found at little cost, and only else are values looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import polars as pl

from book.check.show import clipped
from book.contract.kinds import Kind
from book.contract.limits import FIRST_DAY, FIRST_STAMP, LAST_DAY, LAST_STAMP, MAX_COUNT, MAX_MONEY
from book.encoding.columns import DTYPES, MISSING, WORDED, Coded, Words
from book.encoding.words import Unreadable, allowed, check_word, read_word
from book.load.cells import Cells
from book.load.words import Written
from book.tables import Array

_CENTS: Final = 100
_MOST_MONEY: Final = (-MAX_MONEY * _CENTS, MAX_MONEY * _CENTS)
_TEXTUAL: Final = (pl.String, pl.Categorical, pl.Enum)
_ODD: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def read_series(cells: Cells) -> Array | Words:
    """The column in memory; a value that cannot be read is a fault and stands as missing."""
    if cells.column.required and cells.series.null_count():
        at = np.flatnonzero(cells.series.is_null().to_numpy())
        cells.findings.at(
            "missing_value",
            cells.table,
            cells.rows[at],
            cells.column.name,
            got="nothing",
            allowed=allowed(cells.column),
        )
    if cells.series.dtype == pl.Null:
        cells = Cells(cells.table, cells.column, cells.series.cast(pl.String), cells.rows, cells.findings)
    if cells.column.kind in WORDED:
        return _words(cells)
    if cells.series.dtype in _TEXTUAL:
        fine = _choices(cells) if cells.column.kind is Kind.ENUM else None
        return _from_words(cells) if fine is None else fine
    return _READERS[cells.column.kind](cells)


def _words(cells: Cells) -> Words:
    if not (cells.series.dtype in _TEXTUAL or cells.series.dtype.is_integer()):
        cells.mistyped()
        return Coded(np.full(len(cells.series), -1, np.int32), [])
    column = Written(cells.series.cast(pl.String))
    if column.plain():
        return column
    words = pl.Series(column.words, dtype=pl.String)
    odd = (words.str.len_chars() > 100) | words.str.contains(_ODD)
    for k in np.flatnonzero(odd.to_numpy()).tolist():
        try:
            check_word(column.words[k])
        except Unreadable as wrong:
            cells.fault(wrong.code, column.codes == k)
    return column


def _from_words(cells: Cells) -> Array:
    """Values written as text, each word read once."""
    column = Written(cells.series.cast(pl.String))
    missing = MISSING[cells.column.kind]
    values = np.full(len(column.words) + 1, missing, DTYPES[cells.column.kind])
    wrong: dict[int, Unreadable] = {}
    for k, word in enumerate(column.words):
        try:
            values[k] = read_word(cells.column, word)
        except Unreadable as fault:
            wrong[k] = fault
    if wrong:
        _unreadable(cells, column, wrong)
    return np.asarray(values[column.codes])


def _unreadable(cells: Cells, column: Words, wrong: Mapping[int, Unreadable]) -> None:
    codes = np.array([wrong[k].code if k in wrong else "" for k in range(len(column.words))] + [""], object)
    by_row = codes[column.codes]
    for code in sorted({fault.code for fault in wrong.values()}):
        at = np.flatnonzero(by_row == code)
        faults = [wrong[int(k)] for k in column.codes[at]]
        cells.findings.at(
            code,
            cells.table,
            cells.rows[at],
            cells.column.name,
            got=lambda k, at=at: clipped(column.words[int(column.codes[at[k]])]),  # type: ignore[misc]
            allowed=lambda k, faults=faults: faults[k].allowed,  # type: ignore[misc]
            nearest=lambda k, faults=faults: faults[k].nearest,  # type: ignore[misc]
        )


def _fine(cells: Cells, held: pl.Series, first: int, last: int) -> Array | None:
    """Whole numbers as they are held, None where one lies outside `first` to `last`."""
    low, high = held.min(), held.max()
    if isinstance(low, int) and isinstance(high, int) and (low < first or high > last):
        return None
    if held.null_count():
        held = held.fill_null(int(MISSING[cells.column.kind]))
    return held.to_numpy(writable=True).astype(DTYPES[cells.column.kind], copy=False)


def _filled(series: pl.Series, missing: int) -> Array:
    return series.cast(pl.Int64).fill_null(missing).to_numpy()


def _ranged(cells: Cells, values: Array, first: int, last: int, code: str) -> Array:
    """Whole numbers of the kind, with a fault where they lie outside `first` to `last`."""
    missing = int(MISSING[cells.column.kind])
    null = cells.series.is_null().to_numpy()
    bad = ((values < first) | (values > last)) & ~null
    cells.fault(code, bad)
    return np.where(bad | null, missing, values).astype(DTYPES[cells.column.kind])


def _date(cells: Cells) -> Array:
    series, dtype = cells.series, cells.series.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        days = series.dt.date()
        cells.fault("bad_date", (days.cast(dtype) != series).fill_null(False).to_numpy())
        series = days
    if series.dtype != pl.Date:
        cells.mistyped()
        return cells.nothing()
    fine = _fine(cells, series.to_physical(), FIRST_DAY, LAST_DAY)
    return _ranged(cells, _filled(series.to_physical(), 0), FIRST_DAY, LAST_DAY, "bad_date") if fine is None else fine


def _stamp(cells: Cells) -> Array:
    dtype = cells.series.dtype
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone is None:
        cells.mistyped()
        return cells.nothing()
    moments = cells.series.dt.cast_time_unit("us").to_physical()
    fine = _fine(cells, moments, FIRST_STAMP, LAST_STAMP)
    if fine is not None:
        return fine
    return _ranged(cells, _filled(moments, 0), FIRST_STAMP, LAST_STAMP, "bad_stamp")


def _money(cells: Cells) -> Array:
    series, dtype = cells.series, cells.series.dtype
    if dtype.is_integer():
        return _ranged(cells, _filled(series, 0), -MAX_MONEY, MAX_MONEY, "out_of_range") * _kept_missing(series)
    if dtype.is_float():
        return _float_money(cells)
    if not isinstance(dtype, pl.Decimal):
        cells.mistyped()
        return cells.nothing()
    if dtype.scale == 2:
        held = series.to_physical().cast(pl.Int64, strict=False)
        fine = None if held.null_count() != series.null_count() else _fine(cells, held, *_MOST_MONEY)
        if fine is not None:
            return fine
    cents = series.cast(pl.Decimal(38, 2))
    if dtype.scale > 2:
        cells.fault(
            "too_many_decimals",
            (cents.cast(pl.Decimal(38, dtype.scale)) != series).fill_null(False).to_numpy(),
        )
    whole = cents.to_physical().cast(pl.Int64, strict=False)
    return _ranged(cells, whole.fill_null(2**62).to_numpy(), -MAX_MONEY * _CENTS, MAX_MONEY * _CENTS, "out_of_range")


def _kept_missing(series: pl.Series) -> Array:
    """100 for every value, 1 for the missing ones, which must stay what they are."""
    return np.where(series.is_null().to_numpy(), 1, _CENTS)


def _float_money(cells: Cells) -> Array:
    """Floats that are the nearest to a whole number of cents; anything finer is a fault, never rounded."""
    null = cells.series.is_null().to_numpy()
    amounts = cells.series.cast(pl.Float64).fill_null(0.0).to_numpy()
    infinite = ~np.isfinite(amounts)
    amounts = np.where(infinite, 0.0, amounts)
    cents = np.rint(amounts * _CENTS)
    wide = np.abs(amounts) > MAX_MONEY
    fine = (cents / _CENTS != amounts) & ~wide
    cells.fault("non_finite", infinite)
    cells.fault("out_of_range", wide)
    cells.fault("too_many_decimals", fine)
    bad = null | infinite | wide | fine
    return np.where(bad, MISSING[Kind.MONEY], np.where(bad, 0.0, cents).astype(np.int64)).astype(np.int64)


def _count(cells: Cells) -> Array:
    series = cells.series
    if series.dtype.is_float():
        broken = (series.is_nan() | (series != series.round(0))).fill_null(False)
        cells.fault("wrong_type", broken.to_numpy())
        series = series.fill_nan(0.0).clip(-1e15, 1e15).cast(pl.Int64, strict=False)
    if not series.dtype.is_integer():
        cells.mistyped()
        return cells.nothing()
    fine = _fine(cells, series, -MAX_COUNT, MAX_COUNT) if series.dtype in (pl.Int32, pl.Int64) else None
    return _ranged(cells, _filled(series, 0), -MAX_COUNT, MAX_COUNT, "out_of_range") if fine is None else fine


def _number(cells: Cells) -> Array:
    if not cells.series.dtype.is_numeric():
        cells.mistyped()
        return cells.nothing()
    numbers = cells.series.cast(pl.Float64)
    cells.fault("non_finite", (~numbers.is_finite()).fill_null(False).to_numpy())
    values = numbers.fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def _flag(cells: Cells) -> Array:
    series = cells.series
    if series.dtype == pl.Boolean:
        return series.cast(pl.Int8).fill_null(MISSING[Kind.FLAG]).to_numpy()
    if series.dtype.is_integer():
        return _ranged(cells, _filled(series, 0), 0, 1, "wrong_type")
    cells.mistyped()
    return cells.nothing()


def _choices(cells: Cells) -> Array | None:
    """Words of an enumeration as their places, None where one is not among the choices."""
    places = {choice: place for place, choice in enumerate(cells.column.choices)}
    found = Written(cells.series.cast(pl.String)).placed(places)
    return None if found is None else found.astype(np.int8)


def _enum(cells: Cells) -> Array:
    cells.mistyped()
    return cells.nothing()


_READERS: Final[Mapping[Kind, Callable[[Cells], Array]]] = {
    Kind.DATE: _date,
    Kind.STAMP: _stamp,
    Kind.MONEY: _money,
    Kind.COUNT: _count,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.ENUM: _enum,
}
