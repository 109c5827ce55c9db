"""Characteristic stability: the PSI of every feature, "not observed" being a cell of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.psi import Bins, Drift, drift, fixed_bins

Matrix = NDArray[np.float32]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Reference:
    """What features looked like when the model was judged: bins and counts by name, and distinct borrowers."""

    bins: Mapping[str, Bins]
    counts: Mapping[str, tuple[float, ...]]
    borrowers: int


@dataclass(frozen=True)
class Shift:
    """How far a feature has moved, and the share of rows where it was not observed, then and now."""

    drift: Drift
    missing_then: float
    missing_now: float


def reference(x: Matrix, names: Sequence[str], borrower: NDArray[np.integer]) -> Reference:
    """Bins and counts of the columns `names` of x (n, k), whose rows belong to `borrower` (n,)."""
    bins = {name: fixed_bins(x[:, column]) for column, name in enumerate(names)}
    counts = {name: tuple(bins[name].counts(x[:, column]).tolist()) for column, name in enumerate(names)}
    return Reference(bins, counts, len(np.unique(borrower)))


def csi(
    then: Reference,
    x: Matrix,
    names: Sequence[str],
    borrower: NDArray[np.integer],
    progress: Progress | None = None,
) -> dict[str, Shift]:
    """The shift of each column of x (n, k) against the reference; columns unknown there are left out."""
    borrowers, found = len(np.unique(borrower)), {}
    for column, name in enumerate(names):
        if name in then.bins and len(x):
            now, before = then.bins[name].counts(x[:, column]), np.array(then.counts[name])
            moved = drift(before, now, then.borrowers, borrowers)
            found[name] = Shift(moved, before[-1] / before.sum(), now[-1] / now.sum())
        if progress:
            progress(column + 1, len(names))
    return found
