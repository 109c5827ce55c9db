"""Population stability: have scores, or the values of a feature, moved away from where they were judged?

PSI = sum (a - e) ln(a / e) over bins (Lewis 1994). Under no change it is about chi2(B - 1) (1/N + 1/M) with N and M
independent obligors (Yurdakul & Naranjo 2020), so that small books do not raise false alarms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 10
EMPTY = 0.5  # rows that an empty cell is counted as
LIMIT = 0.10  # below it a PSI is never called a shift
LEVEL = 0.95


@dataclass(frozen=True)
class Bins:
    """Cells of a number: below `edges[0]`, between, from `edges[-1]` on, and one for "not observed".

    A value on an edge belongs to the cell above it.
    """

    edges: tuple[float, ...]

    @property
    def cells(self) -> int:
        """How many cells there are, "not observed" among them."""
        return len(self.edges) + 2

    def counts(self, values: NDArray[np.floating], weight: Floats | None = None) -> Floats:
        """Rows in each cell (cells,), the last holding those that are NaN; `weight` (n,) counts rows otherwise."""
        cell = np.searchsorted(np.array(self.edges, values.dtype), values, side="right")
        cell = np.where(np.isnan(values), self.cells - 1, cell)
        return np.bincount(cell, weight, minlength=self.cells).astype(np.float64)


@dataclass(frozen=True)
class Drift:
    """A PSI with what it is held against: it `trips` above `limit`, the larger of 0.10 and the `critical` value."""

    psi: float
    critical: float
    limit: float

    @property
    def trips(self) -> bool:
        """Whether the shift is more than chance and more than 0.10."""
        return self.psi > self.limit


def fixed_bins(values: NDArray[np.floating], bins: int = BINS) -> Bins:
    """Bins of equal mass on the values of development, to be kept; fewer where values tie."""
    seen = values[~np.isnan(values)]
    if not len(seen):
        return Bins(())
    edges = np.unique(np.quantile(seen, np.linspace(0, 1, bins + 1)[1:-1]))
    return Bins(tuple(edges[edges > seen.min()].tolist()))


def psi(expected: Floats, actual: Floats) -> float:
    """PSI of two vectors of counts over the same cells.

    A cell empty on both sides is left out, one empty on one side counts as half a row there.
    Raises ValueError where the cells differ or a side has no rows.
    """
    if expected.shape != actual.shape:
        raise ValueError(f"counts have shapes {expected.shape} and {actual.shape}, must be over the same cells")
    if expected.sum() <= 0 or actual.sum() <= 0:
        raise ValueError(f"counts sum to {expected.sum():g} and {actual.sum():g}, both must be above 0")
    used = (expected > 0) | (actual > 0)
    e, a = (np.where(side[used] > 0, side[used], EMPTY) for side in (expected, actual))
    e, a = e / e.sum(), a / a.sum()
    return float(np.sum((a - e) * np.log(a / e)))


def critical(cells: int, n: int, m: int, level: float = LEVEL) -> float:
    """The PSI that chance alone exceeds in 1 - `level` of samples of `n` and `m` distinct borrowers."""
    from scipy.special import chdtri  # slow to import and not needed to serve

    if cells < 2:
        return 0.0
    return float(chdtri(cells - 1, 1 - level)) * (1 / n + 1 / m)


def drift(expected: Floats, actual: Floats, n: int, m: int) -> Drift:
    """PSI of two vectors of counts that come from `n` and `m` distinct borrowers."""
    cells = int(np.sum((expected > 0) | (actual > 0)))
    chance = critical(cells, n, m)
    return Drift(psi(expected, actual), chance, max(LIMIT, chance))
