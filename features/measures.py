"""What a feature asks of History: measures by month and by instalment, and windows over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features import summaries

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """A window of a measure: `values` (n, k), newest last, NaN = not observed; rows not `seen` (n,) answer NaN."""

    values: Values
    seen: NDArray[np.bool_]

    def max(self) -> Values:
        """The largest observed value."""
        return summaries.largest(self.values, self.seen)

    def min(self) -> Values:
        """The smallest observed value."""
        return summaries.smallest(self.values, self.seen)

    def sum(self) -> Values:
        """The sum of the observed values; NaN where none is."""
        return summaries.total(self.values, self.seen)[0]

    def mean(self) -> Values:
        """The mean of the observed values."""
        added, count = summaries.total(self.values, self.seen)
        return added / np.maximum(count, 1)

    def std(self) -> Values:
        """The population standard deviation of the observed values."""
        return summaries.spread(self.values, self.seen)

    def count_over(self, limit: float) -> Values:
        """How many observed values exceed `limit`; NaN where none is observed."""
        return summaries.count_over(self.values, self.seen, limit)

    def share(self, holds: NDArray[np.bool_]) -> Values:
        """The share of observed places where `holds` (n, k) is true."""
        return summaries.share(self.values, holds, self.seen)

    def slope(self) -> Values:
        """Least squares slope per step; NaN unless every value is observed."""
        return summaries.slope(self.values, self.seen)

    def theil_sen(self) -> Values:
        """Median of all pairwise slopes per step (Theil 1950, Sen 1968); NaN below 3 observed values."""
        return summaries.theil_sen(self.values, self.seen)

    def ewm(self, half_life: float) -> Values:
        """Weighted mean, weight 0.5 ** (age / half_life), age 0 for the newest."""
        weight = 0.5 ** (np.arange(self.values.shape[1])[::-1] / half_life)
        return summaries.weighted_mean(self.values, weight, self.seen)

    def map(self, change: Callable[[Values], Values]) -> Window:
        """The same window of changed values."""
        return Window(change(self.values), self.seen)


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
