"""Monotone bins of one feature and their weight of evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

Floats = NDArray[np.float64]

FINE = 20  # quantiles that bins are joined from
LEAST_SHARE = 0.03  # of the rows, in a bin
LEAST_EVENTS = 5  # in a bin; where there are not twice as many, the feature stays in one


@dataclass(frozen=True)
class Bins:
    """`edges` (m - 1,) between bins; `woe` (m,) and `missing`: log of the bin's odds of default over those of all rows.

    `value` is the information value: sum over bins of (share of events - share of non-events) x WOE.
    """

    edges: Floats
    woe: Floats
    missing: float
    value: float

    def of(self, x: NDArray[np.floating]) -> Floats:
        """The WOE of each value, NaN = not observed."""
        at = np.searchsorted(self.edges, x, side="right").clip(max=len(self.edges))
        return np.where(np.isnan(x), self.missing, self.woe[at])


def bins(x: NDArray[np.float32], y: Floats, sign: int) -> Bins:
    """Bins of x (n,) against outcomes y (n,), their event rates rising (`sign` 1), falling (-1), or the better of both.

    Missing values have a bin of their own where it is large enough, else the weight 0.
    """
    if sign == 0:
        return max((bins(x, y, one) for one in (1, -1)), key=lambda found: found.value)
    seen = ~np.isnan(x)
    values, events = x[seen].astype(float), y[seen]
    edges = _fine_edges(values)
    count, hits = _counted(values, events, edges)
    edges, count, hits = _monotone(edges, count, hits, sign)
    edges, count, hits = _large_enough(edges, count, hits, len(x))
    totals = float(len(y)), float(y.sum())
    woe = _woe(count, hits, *totals)
    lost = np.array([float((~seen).sum())]), np.array([float(y[~seen].sum())])
    alone = lost[0][0] >= LEAST_SHARE * len(x) and lost[1][0] >= LEAST_EVENTS
    missing = float(_woe(*lost, *totals)[0]) if alone else 0.0
    value = _information(count, hits, woe, *totals) + (
        _information(*lost, np.array([missing]), *totals) if alone else 0
    )
    return Bins(edges, woe, missing, float(value))


def _fine_edges(values: Floats) -> Floats:
    """Distinct quantiles, each moved to the middle between itself and the next smaller value seen."""
    if not len(values):
        return np.empty(0)
    ordered = np.sort(values)
    at = np.unique(np.searchsorted(ordered, np.quantile(ordered, np.arange(1, FINE) / FINE, method="higher")))
    at = at[at > 0]
    return np.unique((ordered[at] + ordered[at - 1]) / 2)


def _counted(values: Floats, events: Floats, edges: Floats) -> tuple[Floats, Floats]:
    at = np.searchsorted(edges, values, side="right")
    n = len(edges) + 1
    return np.bincount(at, minlength=n).astype(float), np.bincount(at, events, minlength=n).astype(float)


def _monotone(edges: Floats, count: Floats, hits: Floats, sign: int) -> tuple[Floats, Floats, Floats]:
    """Neighbours joined until the event rate only rises, or only falls (pool adjacent violators)."""
    rates = isotonic_regression(hits / np.maximum(count, 1), sample_weight=np.maximum(count, 1e-9), increasing=sign > 0)
    return _joined(edges, count, hits, np.flatnonzero(np.diff(rates) != 0))


def _large_enough(edges: Floats, count: Floats, hits: Floats, rows: int) -> tuple[Floats, Floats, Floats]:
    """The smallest bin joined with the neighbour whose rate is nearer, until every bin is large enough."""
    while len(count) > 1:
        short = np.flatnonzero((count < LEAST_SHARE * rows) | (hits < LEAST_EVENTS))
        if not len(short):
            break
        worst = short[np.argmin(count[short])]
        rates = hits / np.maximum(count, 1)
        near = [one for one in (worst - 1, worst + 1) if 0 <= one < len(count)]
        other = min(near, key=lambda one: abs(rates[one] - rates[worst]))
        kept = np.delete(np.arange(len(edges)), min(worst, other))
        edges, count, hits = _joined(edges, count, hits, kept)
    return edges, count, hits


def _joined(edges: Floats, count: Floats, hits: Floats, kept: NDArray[np.integer]) -> tuple[Floats, Floats, Floats]:
    """The bins with only the edges `kept` (positions)."""
    starts = np.append(0, kept + 1)
    return edges[kept], np.add.reduceat(count, starts), np.add.reduceat(hits, starts)


def _woe(count: Floats, hits: Floats, rows: float, events: float) -> Floats:
    """Log of the odds of default in each bin over those of all rows; half an event and half a non-event are added."""
    return np.log((hits + 0.5) / (count - hits + 0.5)) - np.log((events + 0.5) / (rows - events + 0.5))


def _information(count: Floats, hits: Floats, woe: Floats, rows: float, events: float) -> float:
    shares = hits / max(events, 1) - (count - hits) / max(rows - events, 1)
    return float(np.sum(shares * woe))
