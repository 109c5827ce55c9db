"""Ratios, slopes and bounds as the page states them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from statistics import median

Number = Fraction | int
NAN = float("nan")
LEVEL = (0, 10)
CHANGE = (-1, 10)
DIFFERENCE = (-10, 10)
PAID = (0, Fraction(3, 2))


def ratio(numerator: Number | None, denominator: Number | None, bounds: tuple[Number, Number] = LEVEL) -> float:
    """NaN where either is not observed and for 0/0; positive over zero or less is the bound above."""
    if numerator is None or denominator is None:
        return NAN
    if denominator > 0:
        return held(Fraction(numerator) / Fraction(denominator), bounds)
    return float(bounds[1]) if numerator > 0 else NAN


def held(value: Number, bounds: tuple[Number, Number]) -> float:
    return float(min(max(value, bounds[0]), bounds[1]))


def mean(values: Sequence[Number]) -> Fraction:
    return Fraction(sum(values)) / len(values)


def theil_sen(values: Sequence[Number]) -> Fraction:
    """Median of the slopes of all pairs, per step."""
    slopes = [Fraction(values[b] - values[a]) / (b - a) for a, b in combinations(range(len(values)), 2)]
    return Fraction(median(slopes))


def least_squares(values: Sequence[Number]) -> Fraction:
    """Slope of the straight line through equally spaced values, per step."""
    centre = Fraction(len(values) - 1, 2)
    level = mean(values)
    across = sum((place - centre) * (value - level) for place, value in enumerate(values))
    return Fraction(across) / sum((place - centre) ** 2 for place in range(len(values)))


def change(now: Number | None, before: Number | None) -> float:
    """The change as a share; from nothing the upper bound, nothing at all NaN."""
    if now is None or before is None:
        return NAN
    if before == 0:
        return float(CHANGE[1]) if now > 0 else NAN
    return held(Fraction(now) / Fraction(before) - 1, CHANGE)
