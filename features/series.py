"""Dated rows of a table cut into months: counts and exact sums from integer running totals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.windows import locate


def running(values: NDArray[Any]) -> NDArray[np.int64]:
    """Totals of integer `values` (n_rows,) before each row and after the last, (n_rows + 1,)."""
    total = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=total[1:])
    return total


@dataclass(frozen=True)
class Series:
    """Rows with sorted `days` per segment (ranges `at`); `segment` (n,), `edges` (n, m + 1) are the observations'."""

    days: NDArray[Any]
    at: NDArray[np.int64]
    segment: NDArray[np.int64]
    edges: NDArray[np.int64]

    @cached_property
    def position(self) -> NDArray[np.int64]:
        """First row after each edge, (n, m + 1)."""
        return locate(self.days, self.at, self.segment, self.edges)

    @property
    def first(self) -> NDArray[np.int64]:
        """First row of each observation's segment, (n,)."""
        return self.at[self.segment, 0]

    def months(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Sums of integer `values` (n_rows,) between neighbouring edges, (n, m), newest last."""
        total = running(values)[self.position]
        return np.asarray(total[:, 1:] - total[:, :-1])

    def so_far(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Sum of integer `values` (n_rows,) from the first row to the last edge, (n,)."""
        total = running(values)
        return total[self.position[:, -1]] - total[self.first]

    def latest(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Positions (n, k) of the k latest rows up to the last edge, newest last, and which of them exist."""
        index = self.position[:, -1:] - np.arange(k, 0, -1)
        there = index >= self.first[:, None]
        return np.where(there, index, 0), there

    def run(self, holds: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the latest rows up to the last edge hold in a row, (n,)."""
        broken = np.where(holds, -1, np.arange(len(holds)))
        last = np.concatenate(([-1], np.maximum.accumulate(broken))) if len(broken) else np.array([-1])
        end = self.position[:, -1]
        return end - np.maximum(last[end] + 1, self.first)

    def find(self, holds: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Position within the segment (from 0) of the first row that holds up to the last edge, -1 if none; (n,)."""
        n = len(holds)
        place = np.where(holds, np.arange(n), n)
        ahead = np.append(np.minimum.accumulate(place[::-1])[::-1], n)
        hit = ahead[np.minimum(self.first, n)]
        return np.where(hit < self.position[:, -1], hit - self.first, -1)
