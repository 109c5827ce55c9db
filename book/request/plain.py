"""The quick way to read a body: compiled, column by column; bodies that are not plain go the other way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from book.contract import REQUIRED_TABLES, TABLES, Kind, Table
from book.encoding.columns import DTYPES, WORDED, Coded, Read, Words
from book.errors import Fault
from book.request.cells import LENGTH_BITS, PLACES_BITS
from book.request.coding import TOO_MANY, code_texts, count_given
from book.request.limits import MOST_ROWS, MOST_SCORED
from book.request.names import FIRST_COLUMN, MISSING_AS, NOTHING, OUTSIDE, WIDEST, names
from book.request.scan import scan
from book.request.tokens import PADDING
from book.tables import Array

Ints = NDArray[np.int64]
_LENGTH: Final = (1 << LENGTH_BITS) - 1
_PLACES: Final = (1 << PLACES_BITS) - 1
_POWERS: Final = 10.0 ** np.arange(_PLACES + 1)
_OPEN: Final = ord("{")


@dataclass(frozen=True)
class Body:
    """A body as read: columns of its tables in the order of the contract, and what stands beside them.

    `twice` are fields given more than once: they are faults, though the last of each was read.
    """

    reads: Mapping[str, Read]
    as_of: int
    cutoff: int | None
    book_complete: bool
    score: list[str]
    model: str | None
    twice: Sequence[Fault] = ()


class Found(Words):
    """Words that stand in a body: made only when asked for. `places` (k,) are where the k different ones stand."""

    def __init__(self, codes: NDArray[np.int32], places: NDArray[np.int64], longest: int, body: bytes) -> None:
        self._codes = codes
        self._places = places
        self._longest = longest
        self._body = body
        self._words: list[str] | None = None

    @property
    def codes(self) -> NDArray[np.int32]:
        return self._codes

    @property
    def words(self) -> list[str]:
        if self._words is None:
            self._words = [_word(self._body, place) for place in self._places.tolist()]
        return self._words

    @property
    def filled(self) -> int:
        return int(np.count_nonzero(self._codes >= 0))

    @property
    def longest(self) -> int:
        return self._longest

    def at(self, good: NDArray[np.bool_]) -> Coded:
        return Coded(self._codes[good], self.words)

    def marks(self) -> NDArray[np.int64]:
        return self._codes.astype(np.int64)


class _NotPlain(Exception):
    """The body must be read the other way."""


def read_plain(body: bytes) -> Body | None:
    """What a plain body holds; None where it is not plain, whether there is a fault in it or not."""
    try:
        return _read_plain(body)
    except (_NotPlain, UnicodeDecodeError):
        return None


def _read_plain(body: bytes) -> Body:
    if not body.isascii():
        body.decode()
    padded = np.frombuffer(body + PADDING, np.uint8)
    n = min(int(np.count_nonzero(padded == _OPEN)), MOST_ROWS)
    cells = np.empty((WIDEST, n), np.int64)
    rows, outside, score = np.full((len(TABLES), 2), -1), np.full(len(OUTSIDE) - 1, NOTHING), np.empty(MOST_SCORED, int)
    if not scan(padded, names(), cells, rows, outside, score):
        raise _NotPlain
    there = {name: (lo, hi) for name, (lo, hi) in zip(TABLES, rows.tolist(), strict=True) if lo >= 0}
    if any(name not in there for name in REQUIRED_TABLES):
        raise _NotPlain
    as_of, cutoff, complete, model, scored = outside.tolist()
    return Body(
        {name: _read(TABLES[name], lo, hi, cells, padded, body) for name, (lo, hi) in there.items()},
        as_of,
        None if cutoff == NOTHING else cutoff,
        bool(complete),
        [_word(body, place) for place in score[:scored].tolist()],
        None if model == NOTHING else _word(body, model),
    )


def _word(body: bytes, place: int) -> str:
    start = place >> LENGTH_BITS
    return body[start : start + (place & _LENGTH)].decode()


def _read(table: Table, lo: int, hi: int, cells: Ints, padded: NDArray[np.uint8], body: bytes) -> Read:
    """The rows [lo, hi) of a table; columns without any value are left out."""
    columns: dict[str, Array | Words] = {}
    filled = np.empty(len(table.columns), np.int64)
    count_given(cells, lo, hi, _GAPS[table.name], filled)
    slots = np.empty(1 << (2 * (hi - lo)).bit_length(), np.int32)
    for column, line, count in zip(table.columns, cells, filled.tolist(), strict=False):
        if not count:
            continue
        held = line[lo:hi]
        if column.kind in WORDED:
            columns[column.name] = _found(held, slots, padded, body)
        elif column.kind is Kind.NUMBER:
            columns[column.name] = np.where(held == NOTHING, np.nan, (held >> PLACES_BITS) / _POWERS[held & _PLACES])
        else:
            columns[column.name] = held.astype(DTYPES[column.kind], copy=False)
    return Read(table, columns, np.arange(hi - lo, dtype=np.int64))


def _found(texts: Ints, slots: NDArray[np.int32], padded: NDArray[np.uint8], body: bytes) -> Found:
    codes, different = np.empty(len(texts), np.int32), np.empty(len(texts), np.int64)
    count, longest = code_texts(padded, texts, slots, codes, different)
    if count == TOO_MANY:
        raise _NotPlain
    return Found(codes, different[:count], longest, body)


_GAPS: Final[Mapping[str, Ints]] = {
    name: names().about[start - FIRST_COLUMN : end - FIRST_COLUMN, MISSING_AS].copy()
    for name, start, end in zip(TABLES, names().columns_of, names().columns_of[1:], strict=False)
}
