"""Dated rows of a table cut into months: counts and exact sums from integer running totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.kept import kept
from features.totals import COUNTED, first_place, gained, in_a_row, totals, totals_where
from features.windows import locate


def running(values: NDArray[Any]) -> NDArray[np.int64]:
    """Totals of integer `values` (n_rows,) before each row and after the last, (n_rows + 1,)."""
    return totals(whole(values))


def whole(values: NDArray[Any]) -> NDArray[Any]:
    """Integer `values` in a type that compiled loops take; TypeError for others."""
    return values if values.dtype in COUNTED else values.astype(np.int64, casting="safe")


@dataclass(frozen=True)
class Series:
    """Rows with sorted `days` per segment (ranges `at`); `segment` (n,), `edges` (n, m + 1) are the observations'."""

    days: NDArray[Any]
    at: NDArray[np.int64]
    segment: NDArray[np.int64]
    edges: NDArray[np.int64]

    @kept
    def position(self) -> NDArray[np.int64]:
        """First row after each edge, (n, m + 1)."""
        return locate(self.days, self.at, self.segment, self.edges)

    @kept
    def first(self) -> NDArray[np.int64]:
        """First row of each observation's segment, (n,)."""
        return self.at[self.segment, 0]

    def months(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Sums of integer `values` (n_rows,) between neighbouring edges, (n, m), newest last."""
        total = running(values)[self.position]
        return np.asarray(total[:, 1:] - total[:, :-1])

    def so_far(self, values: NDArray[Any], holds: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Sum of integer `values` (n_rows,) from the first row to the last edge, only of rows that hold; (n,)."""
        total = running(values) if holds is None else totals_where(whole(values), holds)
        return gained(total, self.first, self.position[:, -1])

    def latest(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Positions (n, k) of the k latest rows up to the last edge, newest last, and which of them exist."""
        index = self.position[:, -1:] - np.arange(k, 0, -1)
        there = index >= self.first[:, None]
        return np.where(there, index, 0), there

    def run(self, holds: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the latest rows up to the last edge hold in a row, (n,)."""
        return in_a_row(holds, self.first, self.position[:, -1])

    def find(self, holds: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Position within the segment (from 0) of the first row that holds up to the last edge, -1 if none; (n,)."""
        return first_place(holds, self.first, self.position[:, -1])
