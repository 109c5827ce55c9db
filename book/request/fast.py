"""Typed rows to read columns by short loops over lists; ValueError sends a request to the slow path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
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
from book.encoding.columns import MISSING, WORDED, Coded, Read, Words, coded
from book.encoding.words import Unreadable, check_word, read_word
from book.request.structs import FIELDS
from book.tables import MISSING_DAY, MISSING_MONEY, MISSING_STAMP, Array

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CENTS: Final = 100
_AMOUNTS: Final = re.compile(r"[+-]?[0-9]{1,13}(?:\.[0-9]{0,2})?(?: [+-]?[0-9]{1,13}(?:\.[0-9]{0,2})?)*")
_SURE: Final = 2e15
"""Microseconds up to which a moment comes back exactly from seconds in a float64 (to the year 2033)."""
_COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    name: tuple(TABLES[name].column(field) for field in fields) for name, fields in FIELDS.items()
}


def read_rows(tables: Mapping[str, Sequence[msgspec.Struct]]) -> tuple[dict[str, Read], int]:
    """Columns of each table's typed rows, in the order of the contract, and how many fields the rows have in all.

    Raises ValueError where a value does not fit.
    """
    reads, fields = {}, 0
    for name in TABLES:
        if name in tables:
            reads[name], given = _table(name, tables[name])
            fields += given
    return reads, fields


def _table(name: str, rows: Sequence[msgspec.Struct]) -> tuple[Read, int]:
    columns: dict[str, Array | Words] = {}
    fields = 0
    by_column = zip(*map(msgspec.structs.astuple, rows), strict=True)
    for column, values in zip(_COLUMNS[name], by_column, strict=False):
        gaps = values.count(None)
        if gaps == len(values):
            continue
        fields += len(values) - gaps
        made = _words(values) if column.kind in WORDED else _READERS[column.kind](column, values, gaps > 0)
        columns[column.name] = made
    return Read(TABLES[name], columns, np.arange(len(rows), dtype=np.int64)), fields


def _words(values: Sequence[Any]) -> Coded:
    column = coded(values)
    whole = "".join(column.words)
    if whole.isprintable():
        return column
    try:
        whole.encode()
        for word in column.words:
            if not word.isprintable():
                check_word(word)
    except (UnicodeEncodeError, Unreadable) as error:
        raise ValueError("a text with odd characters") from error
    return column


def _dates(column: Column, values: Sequence[Any], some: bool) -> Array:
    if some:
        days = [MISSING_DAY if value is None else value.toordinal() - _EPOCH_ORDINAL for value in values]
        return _within(np.array(days, np.int32), FIRST_DAY, LAST_DAY, MISSING_DAY)
    ordinals = np.array(list(map(date.toordinal, values)), np.int32)
    return _within(ordinals - np.int32(_EPOCH_ORDINAL), FIRST_DAY, LAST_DAY, MISSING_DAY)


def _stamps(column: Column, values: Sequence[Any], some: bool) -> Array:
    if not some:
        moments = np.rint(np.array(list(map(datetime.timestamp, values))) * 1e6)
        if (np.abs(moments) < _SURE).all():
            return _within(moments.astype(np.int64), FIRST_STAMP, LAST_STAMP, MISSING_STAMP)
    gaps = [None if value is None else value - _UTC_EPOCH for value in values]
    exact = [
        MISSING_STAMP if gap is None else gap.days * MICROSECONDS_A_DAY + gap.seconds * 1_000_000 + gap.microseconds
        for gap in gaps
    ]
    return _within(np.array(exact, np.int64), FIRST_STAMP, LAST_STAMP, MISSING_STAMP)


def _money(column: Column, values: Sequence[Any], some: bool) -> Array:
    kinds = set(map(type, values))
    if kinds <= {int, float}:
        return exact_cents(np.array(values, np.float64))
    if kinds == {str} and _AMOUNTS.fullmatch(" ".join(values)):
        return np.asarray(np.rint(np.array(list(map(float, values))) * _CENTS).astype(np.int64))
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


def _choices(column: Column, values: Sequence[Any], some: bool) -> Array:
    return np.array(list(map(_places(column.choices).__getitem__, values)), np.int8)


@lru_cache(maxsize=256)
def _places(choices: tuple[str, ...]) -> Mapping[Any, int]:
    return {choice: place for place, choice in enumerate((*choices, None))} | {None: -1}


def _flags(column: Column, values: Sequence[Any], some: bool) -> Array:
    return np.array([-1 if value is None else value for value in values], np.int8)


def _counts(column: Column, values: Sequence[Any], some: bool) -> Array:
    missing = int(MISSING[Kind.COUNT])
    counts = np.array([missing if value is None else value for value in values] if some else values, np.int32)
    return _within(counts, -MAX_COUNT, MAX_COUNT, missing)


def _numbers(column: Column, values: Sequence[Any], some: bool) -> Array:
    numbers = np.array(values, np.float64)
    given = numbers[[value is not None for value in values]] if some else numbers
    if not np.isfinite(given).all():
        raise ValueError("not finite")
    return numbers


def _within(values: Array, first: int, last: int, missing: int) -> Array:
    if values.min() >= first and values.max() <= last:
        return values
    if (((values < first) & (values != missing)) | (values > last)).any():
        raise ValueError("out of range")
    return values


_READERS: Final[Mapping[Kind, Callable[[Column, Sequence[Any], bool], Array]]] = {
    Kind.DATE: _dates,
    Kind.STAMP: _stamps,
    Kind.MONEY: _money,
    Kind.ENUM: _choices,
    Kind.FLAG: _flags,
    Kind.COUNT: _counts,
    Kind.NUMBER: _numbers,
}
