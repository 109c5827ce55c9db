"""Can the borrower pay, and does the borrower want to: two indices between 0 and 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policy.asking import Sheet
from policy.parts.treatments import Treatments

Floats = NDArray[np.float64]


def ability(values: Sheet, rules: Treatments, n: int) -> Floats:
    """Mean of the parts, each 1, 0.5 or 0 by its cuts, (n,); NaN where too few are known."""
    total, known = np.zeros(n), np.zeros(n)
    for part in rules.ability:
        value = values[part.fact]
        if part.worse == "lower":
            score = np.where(value >= part.high, 1.0, np.where(value >= part.low, 0.5, 0.0))
        else:
            score = np.where(value <= part.high, 1.0, np.where(value <= part.low, 0.5, 0.0))
        there = ~np.isnan(value)
        total += np.where(there, score, 0.0)
        known += there
    return np.where(known >= rules.ability_known, total / np.maximum(known, 1), np.nan)


def willingness(values: Sheet, rules: Treatments, n: int) -> Floats:
    """1 less the weighted mean of what speaks against it, (n,); NaN where too few parts are known."""
    total, weight, known = np.zeros(n), np.zeros(n), np.zeros(n)
    for part in rules.willingness:
        value = values[part.fact]
        against = 1 - value if part.good else value
        there = ~np.isnan(value)
        total += np.where(there, part.weight * np.clip(against, 0, 1), 0.0)
        weight += part.weight * there
        known += there
    return np.where(known >= rules.willingness_known, 1 - total / np.where(weight > 0, weight, 1), np.nan)
