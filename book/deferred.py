"""Columns made when first asked for: most questions need few of a table's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def alike(name: str) -> str:
    """The name of a column of numbers, int64, that are equal where the ids of column `name` are; 0 missing.

    It stands beside columns of persons and accounts where it costs much less to make than their pseudonyms; it says
    nothing beyond its own table and part.
    """
    return f"{name} alike"


class Deferred(Mapping[str, Array]):
    """Columns of a table by name: those that are `there`, and those that a maker makes once when first asked for.

    What is `beside` them is made when asked for too, but not counted among the table's columns.
    """

    def __init__(
        self,
        there: Mapping[str, Array],
        makers: Mapping[str, Callable[[], Array]],
        beside: Mapping[str, Callable[[], Array]] | None = None,
    ) -> None:
        self._there = dict(there)
        self._makers = {**makers, **(beside or {})}
        self._names = dict.fromkeys((*there, *makers))

    def __getitem__(self, name: str) -> Array:
        found = self._there.get(name)
        if found is None:
            found = self._there[name] = self._makers[name]()
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._there or name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Joined(Mapping[str, Array]):
    """Columns of the rows of two tables of the same columns, one after the other, put together when first asked for."""

    def __init__(self, first: Mapping[str, Array], then: Mapping[str, Array]) -> None:
        self._first = first
        self._then = then
        self._joined: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._joined:
            self._joined[name] = np.concatenate([self._first[name], self._then[name]])
        return self._joined[name]

    def __contains__(self, name: object) -> bool:
        return name in self._first

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)


class Picked(Mapping[str, Array]):
    """Columns of a table at some rows, taken when first asked for; so are the rows where they are a function."""

    def __init__(
        self,
        columns: Mapping[str, Array],
        index: NDArray[np.integer] | NDArray[np.bool_] | Callable[[], NDArray[np.integer]],
    ) -> None:
        self._columns = columns
        self._index = index
        self._taken: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._taken:
            if callable(self._index):
                self._index = self._index()
            self._taken[name] = self._columns[name][self._index]
        return self._taken[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
