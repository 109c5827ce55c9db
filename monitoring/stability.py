"""Does a model keep its power over time? One number for the level, the trend and the unrest of its Gini."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.metrics import gini

Floats = NDArray[np.float64]

FALL = 88.0  # weeks: what a weekly loss of Gini is multiplied by
UNREST = 0.5


@dataclass(frozen=True)
class Stability:
    """Mean Gini, its slope per week, the standard deviation around that line, and the number made of them.

    `score` = mean + 88 min(0, slope) - 0.5 sd (Home Credit - Credit Risk Model Stability, Kaggle 2024).
    """

    mean: float
    slope: float
    unrest: float

    @property
    def score(self) -> float:
        """Mean Gini less the penalties."""
        return self.mean + self.penalty

    @property
    def penalty(self) -> float:
        """What falling and unrest cost: 0 for a steady or rising Gini on a straight line."""
        return FALL * min(0.0, self.slope) - UNREST * self.unrest


def stability(ginis: Floats, days: NDArray[np.integer]) -> Stability:
    """Of the Gini (n,) on each day (n,); days whose Gini is NaN (no event, no non-event) are left out."""
    known = np.isfinite(ginis)
    values, weeks = ginis[known], days[known] / 7.0
    if not len(values):
        return Stability(float("nan"), float("nan"), float("nan"))
    away = weeks - weeks.mean()
    spread = float(away @ away)
    slope = float(away @ values) / spread if spread > 0 else 0.0
    return Stability(float(values.mean()), slope, float(np.std(values - values.mean() - slope * away)))


def monthly(y: Floats, pd: Floats, as_of: NDArray[np.integer]) -> tuple[Floats, NDArray[np.integer]]:
    """Gini of the rows of each as_of day, and those days, earliest first."""
    days = np.unique(as_of)
    return np.array([gini(y[as_of == day], pd[as_of == day]) for day in days]), days
