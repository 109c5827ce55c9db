"""What a feature asks of History: measures by month and by instalment, and windows over them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.windows import theil_sen

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """A window of a measure: `values` (n, k), newest last, NaN = not observed; rows not `seen` (n,) answer NaN."""

    values: Values
    seen: NDArray[np.bool_]

    def _answer(self, summary: Callable[[Values], Values]) -> Values:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return np.where(self.seen, summary(self.values), np.nan)

    def max(self) -> Values:
        """The largest observed value."""
        return self._answer(lambda v: np.nanmax(v, axis=1))

    def min(self) -> Values:
        """The smallest observed value."""
        return self._answer(lambda v: np.nanmin(v, axis=1))

    def sum(self) -> Values:
        """The sum of the observed values; NaN where none is."""
        return self._answer(lambda v: np.where(np.isnan(v).all(axis=1), np.nan, _added(v)))

    def mean(self) -> Values:
        """The mean of the observed values."""
        return self._answer(lambda v: _added(v) / (~np.isnan(v)).sum(axis=1))

    def std(self) -> Values:
        """The population standard deviation of the observed values."""

        def spread(v: Values) -> Values:
            mean = _added(v) / (~np.isnan(v)).sum(axis=1)
            return np.sqrt(_added((v - mean[:, None]) ** 2) / (~np.isnan(v)).sum(axis=1))

        return self._answer(spread)

    def count_over(self, limit: float) -> Values:
        """How many observed values exceed `limit`; NaN where none is observed."""
        return self._answer(lambda v: np.where(np.isnan(v).all(axis=1), np.nan, (v > limit).sum(axis=1)))

    def share(self, holds: NDArray[np.bool_]) -> Values:
        """The share of observed places where `holds` (n, k) is true."""
        known = ~np.isnan(self.values)
        return self._answer(lambda v: (holds & known).sum(axis=1) / known.sum(axis=1))

    def slope(self) -> Values:
        """Least squares slope per step; NaN unless every value is observed."""
        k = self.values.shape[1]
        step = np.arange(k) - (k - 1) / 2
        return self._answer(lambda v: _dot(v, step) / (step @ step))

    def theil_sen(self) -> Values:
        """Median of all pairwise slopes per step (Theil 1950, Sen 1968); NaN below 3 observed values."""
        return self._answer(lambda v: theil_sen(np.ascontiguousarray(v)))

    def ewm(self, half_life: float) -> Values:
        """Weighted mean, weight 0.5 ** (age / half_life), age 0 for the newest."""
        weight = 0.5 ** (np.arange(self.values.shape[1])[::-1] / half_life)
        return self._answer(
            lambda v: _dot(v, weight, skip=True) / _dot(np.where(np.isnan(v), np.nan, 1.0), weight, True)
        )

    def map(self, change: Callable[[Values], Values]) -> Window:
        """The same window of changed values."""
        return Window(change(self.values), self.seen)


def _added(values: Values) -> Values:
    """Row sums of the observed values, column by column: the same bits for any number of rows."""
    return _dot(values, np.ones(values.shape[1]), skip=True)


def _dot(values: Values, weight: NDArray[np.float64], skip: bool = False) -> Values:
    total = np.zeros(len(values))
    for j, w in enumerate(weight):
        column = values[:, j] * w
        total = total + (np.where(np.isnan(column), 0.0, column) if skip else column)
    return total


@dataclass(frozen=True)
class Monthly:
    """A measure per month: `values` (n, months), newest last; `seen(w)` says where a window of w months is observed.

    Measures of a span have one value a month; those read at a month's edge are read at as_of, one month before, ...
    """

    values: Values
    seen: Callable[[int], NDArray[np.bool_]]

    def last(self, months: int) -> Window:
        """The last `months` values."""
        return Window(self.values[:, self.values.shape[1] - months :], self.seen(months))

    def before(self, months: int, skip: int) -> Window:
        """The `months` values before the last `skip`; observed where the longer window is."""
        end = self.values.shape[1] - skip
        return Window(self.values[:, end - months : end], self.seen(months + skip))


@dataclass(frozen=True)
class Latest:
    """A measure per judged instalment: `values` (n, k), newest last, NaN before the first."""

    values: Values

    def last(self, k: int) -> Window:
        """The k latest instalments; observed where at least half of them (rounded up) are there."""
        values = self.values[:, self.values.shape[1] - k :]
        return Window(values, (~np.isnan(values)).sum(axis=1) >= (k + 1) // 2)
