"""Typed rows to read columns by short loops over lists; ValueError sends a request to the slow path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec
import numpy as np

from book.contract import TABLES, Kind
from book.contract.kinds import Column
from book.contract.limits import (
    FIRST_DAY,
    FIRST_STAMP,
    LAST_DAY,
    LAST_STAMP,
    MAX_COUNT,
    MAX_MONEY,
    MICROSECONDS_A_DAY,
)
from book.encoding.columns import MISSING, WORDED, Coded, Read, coded
from book.encoding.words import Unreadable, check_word, read_word
from book.request.structs import FIELDS
from book.tables import MISSING_DAY, MISSING_MONEY, MISSING_STAMP, Array

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CENTS: Final = 100


def read_rows(tables: Mapping[str, Sequence[msgspec.Struct]]) -> dict[str, Read]:
    """Columns of each table's typed rows, in the order of the contract; ValueError where a value does not fit."""
    return {name: _table(name, tables[name]) for name in TABLES if name in tables}


def _table(name: str, rows: Sequence[msgspec.Struct]) -> Read:
    table = TABLES[name]
    columns: dict[str, Array | Coded] = {}
    by_column = zip(*map(msgspec.structs.astuple, rows), strict=True)
    for field, values in zip(FIELDS[name], by_column, strict=False):
        column = table.column(field)
        if values[0] is None and values.count(None) == len(values):
            continue
        columns[field] = _words(values) if column.kind in WORDED else _READERS[column.kind](column, values)
    return Read(table, columns, np.arange(len(rows), dtype=np.int64))


def _words(values: Sequence[Any]) -> Coded:
    column = coded(values)
    try:
        "".join(column.words).encode()
        for word in column.words:
            if not word.isprintable():
                check_word(word)
    except (UnicodeEncodeError, Unreadable) as error:
        raise ValueError("a text with odd characters") from error
    return column


def _dates(column: Column, values: Sequence[Any]) -> Array:
    days = np.array(
        [MISSING_DAY if value is None else value.toordinal() - _EPOCH_ORDINAL for value in values], np.int32
    )
    return _within(days, FIRST_DAY, LAST_DAY, MISSING_DAY)


def _stamps(column: Column, values: Sequence[Any]) -> Array:
    gaps = [None if value is None else value - _UTC_EPOCH for value in values]
    moments = [
        MISSING_STAMP if gap is None else gap.days * MICROSECONDS_A_DAY + gap.seconds * 1_000_000 + gap.microseconds
        for gap in gaps
    ]
    return _within(np.array(moments, np.int64), FIRST_STAMP, LAST_STAMP, MISSING_STAMP)


def _money(column: Column, values: Sequence[Any]) -> Array:
    kinds = set(map(type, values))
    if kinds <= {int, float}:
        return exact_cents(np.array(values, np.float64))
    cents = np.full(len(values), MISSING_MONEY, np.int64)
    written = [k for k, value in enumerate(values) if isinstance(value, str)]
    numeric = [k for k, value in enumerate(values) if isinstance(value, int | float)]
    try:
        cents[written] = [int(read_word(column, values[k])) for k in written]
    except Unreadable as error:
        raise ValueError(error.code) from error
    cents[numeric] = exact_cents(np.array([values[k] for k in numeric], np.float64))
    return cents


def exact_cents(amounts: Array) -> Array:
    """Minor units of floats that are the nearest to a whole number of cents; ValueError otherwise."""
    if not (np.abs(amounts) <= MAX_MONEY).all():
        raise ValueError("out of range")
    cents = np.rint(amounts * _CENTS)
    if (cents / _CENTS != amounts).any():
        raise ValueError("more than two decimals")
    return np.asarray(cents.astype(np.int64))


def _choices(column: Column, values: Sequence[Any]) -> Array:
    places: dict[Any, int] = {choice: place for place, choice in enumerate(column.choices)}
    places[None] = -1
    return np.array([places[value] for value in values], np.int8)


def _flags(column: Column, values: Sequence[Any]) -> Array:
    return np.array([-1 if value is None else value for value in values], np.int8)


def _counts(column: Column, values: Sequence[Any]) -> Array:
    missing = int(MISSING[Kind.COUNT])
    counts = np.array([missing if value is None else value for value in values], np.int32)
    return _within(counts, -MAX_COUNT, MAX_COUNT, missing)


def _numbers(column: Column, values: Sequence[Any]) -> Array:
    numbers = np.array(values, np.float64)
    if any(not np.isfinite(value) for value in numbers[[value is not None for value in values]]):
        raise ValueError("not finite")
    return numbers


def _within(values: Array, first: int, last: int, missing: int) -> Array:
    if (((values < first) & (values != missing)) | (values > last)).any():
        raise ValueError("out of range")
    return values


_READERS: Final[Mapping[Kind, Callable[[Column, Sequence[Any]], Array]]] = {
    Kind.DATE: _dates,
    Kind.STAMP: _stamps,
    Kind.MONEY: _money,
    Kind.ENUM: _choices,
    Kind.FLAG: _flags,
    Kind.COUNT: _counts,
    Kind.NUMBER: _numbers,
}
