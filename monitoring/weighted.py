"""Figures of weighted rows in cells of equal PD or nearly so: what a bootstrap asks for hundreds of times.

Rows are sorted by PD and summed into at most `CELLS` cells; ties are never split. With all weights 1 and no more than
`CELLS` distinct PDs the figures equal those of `monitoring.metrics`; beyond that to about 1e-4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.metrics import BINS, log_odds, logistic

Floats = NDArray[np.float64]

CELLS = 2000
CAPACITY = 0.05


@dataclass(frozen=True)
class Ladder:
    """Rows from the lowest PD to the highest: `order`, `y`, `pd` (n,), and the first row of each cell `starts`."""

    order: NDArray[np.intp]
    y: Floats
    pd: Floats
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, y: Floats, pd: Floats) -> Ladder:
        """The ladder of outcomes y (n,) and PDs (n,)."""
        order = np.argsort(pd, kind="stable")
        starts = np.flatnonzero(np.diff(pd[order], prepend=-1.0))
        if len(starts) > CELLS:
            wanted = np.searchsorted(starts, np.linspace(0, len(pd), CELLS, endpoint=False))
            starts = starts[np.unique(np.minimum(wanted, len(starts) - 1))]
        return cls(order, y[order], pd[order], starts)

    def cells(self, weight: Floats) -> Cells:
        """The cells of row weights (n,) that are in the order of the ladder; cells without weight are left out."""
        sums = [np.add.reduceat(values, self.starts) for values in (weight, weight * self.y, weight * self.pd)]
        held = sums[0] > 0
        return Cells(*(one[held] for one in sums))


@dataclass(frozen=True)
class Cells:
    """Weight, events and expected events of each cell (k,), the lowest PD first."""

    weight: Floats
    events: Floats
    expected: Floats

    @property
    def both(self) -> bool:
        """Whether there are events and non-events."""
        return 0 < float(self.events.sum()) < float(self.weight.sum())


def auc(cells: Cells) -> float:
    """Chance that a drawn event has a higher PD than a drawn non-event, ties half."""
    if not cells.both:
        return float("nan")
    others = cells.weight - cells.events
    below = np.cumsum(others) - others / 2
    return float(cells.events @ below / (cells.events.sum() * others.sum()))


def gini(cells: Cells) -> float:
    """2 AUC - 1."""
    return 2 * auc(cells) - 1


def ks(cells: Cells) -> float:
    """Largest distance between the distributions of events and non-events."""
    if not cells.both:
        return float("nan")
    others = cells.weight - cells.events
    apart = np.cumsum(cells.events) / cells.events.sum() - np.cumsum(others) / others.sum()
    return float(np.max(np.abs(apart)))


def observed_expected(cells: Cells) -> float:
    """Events over the sum of PDs."""
    expected = float(cells.expected.sum())
    return float(cells.events.sum()) / expected if expected > 0 else float("nan")


def ece(cells: Cells, bins: int = BINS) -> float:
    """Mean distance of event rate and mean PD over bins of equal weight; a cell across an edge is shared out."""
    total = float(cells.weight.sum())
    if total <= 0:
        return float("nan")
    taken = np.append(0.0, np.cumsum(cells.weight))
    gap = np.append(0.0, np.cumsum(cells.events - cells.expected))
    at = np.interp(np.linspace(0, total, bins + 1), taken, gap)
    return float(np.abs(np.diff(at)).sum() / total)


def slope(cells: Cells) -> float:
    """Calibration slope: logistic regression of events on the log-odds of the mean PD of their cell."""
    x = log_odds(cells.expected / cells.weight)
    if not cells.both or np.ptp(x) == 0:
        return float("nan")
    try:
        return logistic(x, cells.events / cells.weight, cells.weight)[1]
    except ValueError:
        return float("nan")


def capture(cells: Cells, capacity: float = CAPACITY) -> float:
    """Share of events in the `capacity` share of the weight with the highest PD; ties at the edge in proportion."""
    events = float(cells.events.sum())
    return _caught(cells, capacity) / events if events else float("nan")


def precision(cells: Cells, capacity: float = CAPACITY) -> float:
    """Event rate of the `capacity` share of the weight with the highest PD."""
    total = float(cells.weight.sum())
    return _caught(cells, capacity) / (capacity * total) if total else float("nan")


def _caught(cells: Cells, capacity: float) -> float:
    taken, hits = np.append(0.0, np.cumsum(cells.weight)), np.append(0.0, np.cumsum(cells.events))
    return float(hits[-1] - np.interp((1 - capacity) * taken[-1], taken, hits))
