"""Columns as read from a source, before ids become positions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
"""Kinds whose values are words: read as `Coded`."""


@dataclass(frozen=True)
class Coded:
    """A column of words: `codes` (n,) are positions in `words`, -1 missing. `words` has no word twice."""

    codes: NDArray[np.int32]
    words: list[str]


@dataclass(frozen=True)
class Read:
    """One table as read: `Coded` for words, else an array of the kind's dtype; `rows` are source rows from 0."""

    table: Table
    columns: Mapping[str, Array | Coded]
    rows: NDArray[np.int64]

    def words(self, name: str) -> Coded:
        """The column `name` of words; all missing where it was not there."""
        column = self.columns.get(name)
        if isinstance(column, Coded):
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


def coded(words: Iterable[str | None]) -> Coded:
    """Words in their order as codes; None and the empty word are missing."""
    places: dict[str, int] = {}
    take = places.setdefault
    codes = [take(word, len(places)) if word else -1 for word in words]
    return Coded(np.array(codes, np.int32), list(places))
