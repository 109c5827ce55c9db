"""A feed: the dated rows of a borrower in one table, observed from the first one known."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.tables import MISSING_DAY
from features.history import MONTHS, History
from features.observations import Bools
from features.series import Series

Int = NDArray[np.int64]


def picked(values: NDArray[Any], row: NDArray[Any], missing: int) -> NDArray[Any]:
    """`values` (n_rows,) at `row`, any shape; `missing` where the row is -1."""
    if not len(values):
        return np.full(row.shape, missing, values.dtype)
    return np.where(row >= 0, np.take(values, row, mode="clip"), missing)


class Feed:
    """How far back the rows of `series` reach for each observation of `h`."""

    def __init__(self, h: History, series: Series) -> None:
        self.h = h
        self.series = series

    @cached_property
    def there(self) -> Bools:
        """Whether any row is known, (n,)."""
        return np.asarray(self.series.position[:, MONTHS] > self.series.first)

    @cached_property
    def first_day(self) -> Int:
        """Day of the first row, the day after as_of where there is none, (n,)."""
        days = picked(self.series.days, self.series.first, 0)
        return np.where(self.there, days, self.h.as_of + 1).astype(np.int64)

    @cached_property
    def last_day(self) -> Int:
        """Day of the latest row, `MISSING_DAY` where there is none, (n,)."""
        row = np.where(self.there, self.series.position[:, MONTHS] - 1, -1)
        return picked(self.series.days, row, MISSING_DAY).astype(np.int64)

    def seen(self, months: int) -> Bools:
        """Whether at least half of the last `months` lies after the first row, (n,)."""
        edge = self.h.edges[:, MONTHS - months]
        return np.asarray(2 * (self.h.as_of - self.first_day) >= self.h.as_of - edge)

    def within(self, days: int) -> Bools:
        """Whether the latest row is at most so many days old, (n,)."""
        return np.asarray(self.h.as_of - self.last_day <= days)
