"""Whole numbers counted by key and month, added up over parts: the order of parts does not matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


@dataclass
class Tally:
    """Counts (months, columns) by key."""

    months: int
    columns: int
    by_key: dict[Any, Int] = field(default_factory=dict)

    def add(self, keys: list[Any], at: Int, month: Int, column: Int, weight: Int) -> None:
        """Add `weight` (n,) at key `keys[at]`, month and column, each (n,); sums stay below 2 ** 53."""
        place = (at * self.months + month) * self.columns + column
        block = np.bincount(place, weight, len(keys) * self.months * self.columns).astype(np.int64)
        for key, counts in zip(keys, block.reshape(len(keys), self.months, self.columns), strict=True):
            self.by_key[key] = self.by_key[key] + counts if key in self.by_key else counts

    def add_mean(self, keys: list[Any], at: Int, month: Int, values: NDArray[np.float64]) -> None:
        """Count observed `values` (n,) in column 0 and add them, in millionths, in column 1; NaN is passed over."""
        known = ~np.isnan(values)
        at, month, values = at[known], month[known], values[known]
        self.add(keys, at, month, np.zeros_like(at), np.ones_like(at))
        self.add(keys, at, month, np.ones_like(at), np.floor(values * 1e6 + 0.5).astype(np.int64))

    def plus(self, other: Tally) -> None:
        """Add what another one has counted."""
        for key, counts in other.by_key.items():
            self.by_key[key] = self.by_key[key] + counts if key in self.by_key else counts

    @property
    def keys(self) -> list[Any]:
        """The keys, sorted."""
        return sorted(self.by_key)

    def stacked(self, keys: list[Any]) -> Int:
        """Counts of `keys`, zero where there is none, (keys, months, columns)."""
        none = np.zeros((self.months, self.columns), np.int64)
        return np.stack([self.by_key.get(key, none) for key in keys]) if keys else np.empty((0, *none.shape), np.int64)
