"""Columns as read from a source, before ids become positions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from book.contract.kinds import Kind, Table
from book.tables import MISSING_COUNT, MISSING_DAY, MISSING_MONEY, MISSING_STAMP, Array

DTYPES: Final[Mapping[Kind, Any]] = {
    Kind.ENUM: np.int8,
    Kind.FLAG: np.int8,
    Kind.DATE: np.int32,
    Kind.COUNT: np.int32,
    Kind.STAMP: np.int64,
    Kind.MONEY: np.int64,
    Kind.NUMBER: np.float64,
}
MISSING: Final[Mapping[Kind, int | float]] = {
    Kind.ENUM: -1,
    Kind.FLAG: -1,
    Kind.DATE: MISSING_DAY,
    Kind.COUNT: MISSING_COUNT,
    Kind.STAMP: MISSING_STAMP,
    Kind.MONEY: MISSING_MONEY,
    Kind.NUMBER: float("nan"),
}
WORDED: Final = frozenset({Kind.ID, Kind.PERSON, Kind.TEXT})
"""Kinds whose values are words: read as `Words`."""


class Words(ABC):
    """A column of words: `codes` (n,) are positions in `words`, -1 missing. `words` has no word twice.

    Codes go by the order in which the words first come. What can be told of a column without them has a method.
    """

    @property
    @abstractmethod
    def codes(self) -> NDArray[np.int32]:
        """The position in `words` of each row's word, -1 where it is missing, (n,)."""

    @property
    @abstractmethod
    def words(self) -> list[str]:
        """Each word once, in the order of their first rows."""

    @property
    @abstractmethod
    def filled(self) -> int:
        """How many rows have a word."""

    @property
    @abstractmethod
    def longest(self) -> int:
        """No word has more characters than this."""

    @abstractmethod
    def at(self, good: NDArray[np.bool_]) -> Words:
        """The rows where `good` (n,) is set."""

    @abstractmethod
    def marks(self) -> NDArray[np.int64]:
        """A number for each row, equal where the words are; different words may, very rarely, share one. (n,)."""

    def alike(self) -> NDArray[np.int64]:
        """As `marks`, but 0 where the word is missing, and only there, (n,)."""
        return self.codes.astype(np.int64) + 1

    def found(self, form: str, test: Callable[[str], bool]) -> tuple[bool, int]:
        """Whether any word passes `test`, and how many rows hold one; all that may pass have a part of form `form`."""
        chosen = [k for k, word in enumerate(self.words) if test(word)]
        if not chosen:
            return False, 0
        held = self.codes[self.codes >= 0]
        return True, int(np.bincount(held, minlength=len(self.words))[chosen].sum())

    def shared(self, target: Words) -> NDArray[np.int64]:
        """Codes of these words in the codes of `target`; a word not there has a code of its own beyond, (n,)."""
        if not self.words:
            return self.codes.astype(np.int64)
        known = {word: code for code, word in enumerate(target.words)}
        return positions(self, known).astype(np.int64)


class Coded(Words):
    """Words whose codes are at hand."""

    def __init__(self, codes: NDArray[np.int32], words: list[str]) -> None:
        self._codes = codes
        self._words = words

    @property
    def codes(self) -> NDArray[np.int32]:
        return self._codes

    @property
    def words(self) -> list[str]:
        return self._words

    @property
    def filled(self) -> int:
        return int(np.count_nonzero(self._codes >= 0))

    @property
    def longest(self) -> int:
        return max(map(len, self._words), default=0)

    def at(self, good: NDArray[np.bool_]) -> Coded:
        return Coded(self._codes[good], self._words)

    def marks(self) -> NDArray[np.int64]:
        return self._codes.astype(np.int64)


@dataclass(frozen=True)
class Read:
    """One table as read: `Words` for words, else an array of the kind's dtype; `rows` are source rows from 0."""

    table: Table
    columns: Mapping[str, Array | Words]
    rows: NDArray[np.int64]

    def words(self, name: str) -> Words:
        """The column `name` of words; all missing where it was not there."""
        column = self.columns.get(name)
        if isinstance(column, Words):
            return column
        return Coded(np.full(len(self.rows), -1, np.int32), [])

    def values(self, name: str) -> Array:
        """The column `name` of values; all missing where it was not there."""
        column = self.columns.get(name)
        return column if isinstance(column, np.ndarray) else missing(self.table, name, len(self.rows))


def missing(table: Table, name: str, n: int) -> Array:
    """A column of `n` missing values."""
    kind = table.column(name).kind
    return np.full(n, MISSING[kind], DTYPES[kind])


def is_missing(kind: Kind, values: Array) -> NDArray[np.bool_]:
    """Where `values`, of a kind that is not words, are missing."""
    return np.isnan(values) if kind is Kind.NUMBER else np.asarray(values == MISSING[kind])


def coded(words: Sequence[str | None]) -> Coded:
    """Words in their order as codes; None and the empty word are missing."""
    places: dict[str | None, int] = dict.fromkeys(words, -1)
    places.pop(None, None)
    places.pop("", None)
    if len(places) == len(words):
        return Coded(np.arange(len(words), dtype=np.int32), list(places))  # type: ignore[arg-type]
    found = list(places)
    places = {word: place for place, word in enumerate(found)} | {None: -1, "": -1}
    return Coded(np.array(list(map(places.__getitem__, words)), np.int32), found)  # type: ignore[arg-type]


def positions(column: Words, known: Mapping[str, int]) -> NDArray[np.int32]:
    """The place of each value in `known`, places of their own beyond it for words not there, -1 missing."""
    beyond = len(known)
    places = [known.get(word, -1) for word in column.words]
    for k, place in enumerate(places):
        if place < 0:
            places[k] = beyond
            beyond += 1
    return np.array([*places, -1], np.int32)[column.codes]
