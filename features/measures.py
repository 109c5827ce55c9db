"""What a feature asks of History: measures by month and by instalment, and windows over them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from features import summaries
from features.kept import kept

Values = NDArray[np.float64]
Ints = NDArray[np.int64]


class Window:
    """A window of a measure: `values` (n, k), newest last, NaN = not observed; rows not `seen` (n,) answer NaN."""

    def __init__(self, values: Values | Callable[[], Values], seen: NDArray[np.bool_]) -> None:
        self._values = values
        self.seen = seen

    @kept
    def values(self) -> Values:
        """The values, (n, k); worked out when first asked for where they were given as a function."""
        return self._values() if callable(self._values) else self._values

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
        return summaries.mean(self.values, self.seen)

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


class Monthly:
    """A measure per month: `values` (n, months), newest last; `seen(w)` says where a window of w months is observed.

    Measures of a span have one value a month; those read at a month's edge are read at as_of, one month before, ...
    """

    def __init__(self, values: Values | Callable[[], Values], seen: Callable[[int], NDArray[np.bool_]]) -> None:
        self._values = values
        self.seen = seen

    @kept
    def values(self) -> Values:
        """The values, (n, months); worked out when first asked for where they were given as a function."""
        return self._values() if callable(self._values) else self._values

    def last(self, months: int) -> Window:
        """The last `months` values."""
        return Window(self.values[:, self.values.shape[1] - months :], self.seen(months))

    def before(self, months: int, skip: int) -> Window:
        """The `months` values before the last `skip`; observed where the longer window is."""
        end = self.values.shape[1] - skip
        return Window(self.values[:, end - months : end], self.seen(months + skip))


class Totals:
    """Running totals of whole numbers, read by month: the sum of a window is one difference.

    `running` (n_rows + 1,) are totals before each row; `position` (n, months + 1) is the first row after each edge,
    `first` (n,) the first month observed.
    """

    def __init__(self, running: Ints, position: Ints, first: Ints) -> None:
        self.running, self.position, self.first = running, position, first

    @kept
    def months(self) -> Values:
        """Sums by month, (n, months)."""
        return summaries.by_month(self.running, self.position, self.first)


class Flow(Monthly):
    """Sums of whole numbers by month of their rows."""

    def __init__(self, totals: Totals, seen: Callable[[int], NDArray[np.bool_]]) -> None:
        super().__init__(lambda: totals.months, seen)
        self._totals = totals
        self._months = totals.position.shape[1] - 1
        self._windows: dict[tuple[int, int], FlowWindow] = {}

    def last(self, months: int) -> FlowWindow:
        """The last `months` values."""
        return self._window(self._months - months, self._months, months)

    def before(self, months: int, skip: int) -> FlowWindow:
        """The `months` values before the last `skip`; observed where the longer window is."""
        end = self._months - skip
        return self._window(end - months, end, months + skip)

    def _window(self, lo: int, hi: int, needed: int) -> FlowWindow:
        """The months [lo, hi), observed where a window of `needed` months is; the same for all who ask."""
        found = self._windows.get((lo, hi))
        if found is None:
            found = self._windows[lo, hi] = FlowWindow(self._totals, lo, hi, self.seen(needed))
        return found


class FlowWindow(Window):
    """The months [lo, hi) of running totals."""

    def __init__(self, totals: Totals, lo: int, hi: int, seen: NDArray[np.bool_]) -> None:
        super().__init__(lambda: totals.months[:, lo:hi], seen)
        self._totals, self._lo, self._hi = totals, lo, hi

    @kept
    def _sum(self) -> Values:
        of = self._totals
        return summaries.between(of.running, of.position, of.first, self.seen, self._lo, self._hi)

    def sum(self) -> Values:
        """The sum of the observed values; NaN where none is."""
        return self._sum


class Latest:
    """A measure per judged instalment: `values` (n, k), newest last, NaN before the first."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._windows: dict[int, Window] = {}

    def last(self, k: int) -> Window:
        """The k latest instalments; observed where at least half of them (rounded up) are there."""
        found = self._windows.get(k)
        if found is None:
            values = self.values[:, self.values.shape[1] - k :]
            found = self._windows[k] = Window(values, summaries.known_at_least(values, (k + 1) // 2))
        return found
