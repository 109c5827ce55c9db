"""How sure is a figure? Intervals by drawing borrowers, not rows: the rows of a borrower are not independent.

Cluster bootstrap (Field & Welsh 2007): each replicate draws as many borrowers as there are, with replacement, and all
rows of each; rows are sorted by PD once and summed into cells (`monitoring.weighted`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.metrics import figures
from monitoring.weighted import Cells, Ladder, auc, capture, ece, ks, observed_expected, precision, slope

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

REPLICATES = 200
LEVEL = 0.95
SEED = 1
WEIGHTED: Mapping[str, Callable[[Cells], float]] = {
    "auc": auc,
    "ks": ks,
    "oe": observed_expected,
    "ece": ece,
    "slope": slope,
    "capture_5": capture,
    "precision_5": precision,
}
BIASED = ("ece", "ks")  # distances, which resampling inflates: their interval is the basic one


@dataclass(frozen=True)
class Interval:
    """A figure with the bounds that hold it in 95 % of samples; NaN where the data cannot give it."""

    value: float
    low: float
    high: float

    def meets(self, low: float | None, high: float | None) -> bool:
        """Whether some part of the interval lies in the band; an edge of None is open, and so is an unknown bound."""
        return not ((low is not None and self.high < low) or (high is not None and self.low > high))


def draws(cluster: NDArray[np.integer], replicates: int, seed: int = SEED) -> Iterator[Floats]:
    """Row weights (n,) of each replicate: how often the cluster of the row was drawn."""
    _, position = np.unique(cluster, return_inverse=True)
    clusters = int(position.max(initial=-1)) + 1
    random = np.random.default_rng(seed)
    for _ in range(replicates):
        yield np.bincount(random.integers(0, clusters, clusters), minlength=clusters).astype(np.float64)[position]


def intervals(
    y: Floats,
    pd: Floats,
    cluster: NDArray[np.integer],
    replicates: int = REPLICATES,
    seed: int = SEED,
    progress: Progress | None = None,
) -> dict[str, Interval]:
    """The figures of `WEIGHTED` of outcomes y (n,) and PDs (n,) with their intervals over clusters (n,)."""
    values = figures(y, pd)
    drawn: dict[str, list[float]] = {name: [] for name in WEIGHTED}
    ladder = Ladder.of(y, pd)
    for done, weight in enumerate(draws(cluster[ladder.order], replicates if len(y) else 0, seed), 1):
        cells = ladder.cells(weight)
        for name, figure in WEIGHTED.items():
            drawn[name].append(figure(cells))
        if progress:
            progress(done, replicates)
    return {name: interval(values[name], drawn[name], name in BIASED) for name in WEIGHTED}


def paired(
    y: Floats,
    pd: Floats,
    other: Floats,
    cluster: NDArray[np.integer],
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> Interval:
    """AUC of `pd` less AUC of `other` on the same rows, drawn together; above 0 `pd` tells loans apart better."""
    one, two = Ladder.of(y, pd), Ladder.of(y, other)

    def gap(weight: Floats) -> float:
        return auc(one.cells(weight[one.order])) - auc(two.cells(weight[two.order]))

    return spread(gap, cluster, replicates, seed)


def spread(
    measure: Callable[[Floats], float],
    cluster: NDArray[np.integer],
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> Interval:
    """Any figure of row weights (n,) with its interval over clusters (n,)."""
    drawn = [measure(weight) for weight in draws(cluster, replicates, seed)]
    return interval(measure(np.ones(len(cluster))), drawn)


def interval(value: float, drawn: list[float], basic: bool = False, level: float = LEVEL) -> Interval:
    """Percentile interval of the replicates, or the basic one (reflected at the value, not below 0)."""
    known = np.array([one for one in drawn if np.isfinite(one)])
    if not len(known) or not np.isfinite(value):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    if basic:
        low, high = max(2 * value - high, 0.0), max(2 * value - low, 0.0)
    return Interval(value, float(low), float(high))
