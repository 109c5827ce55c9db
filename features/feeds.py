"""A feed: the dated rows of a borrower in one table, observed from the first one known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.tables import MISSING_DAY
from features.belonging import Belonging
from features.cash import Accounts
from features.history import MONTHS, History
from features.kept import kept
from features.observations import Bools
from features.series import Series
from features.windows import day_at, half_after, latest_day

Int = NDArray[np.int64]


def picked(values: NDArray[Any], row: NDArray[Any], missing: int) -> NDArray[Any]:
    """`values` (n_rows,) at `row`, any shape; `missing` where the row is -1."""
    if not len(values):
        return np.full(row.shape, missing, values.dtype)
    return np.where(row >= 0, np.take(values, row, mode="clip"), missing)


class Feed(Belonging):
    """How far back the rows of `series` reach for each observation of `h`."""

    def __init__(self, h: History, series: Series) -> None:
        super().__init__(h)
        self.series = series

    @kept
    def there(self) -> Bools:
        """Whether any row is known, (n,)."""
        return np.asarray(self.series.position[:, MONTHS] > self.series.first)

    @kept
    def first_day(self) -> Int:
        """Day of the first row, the day after as_of where there is none, (n,)."""
        return day_at(self.series.days, self.series.first, self.there, self.h.as_of, 1)

    @kept
    def last_day(self) -> Int:
        """Day of the latest row, `MISSING_DAY` where there is none, (n,)."""
        return latest_day(self.series.days, self.series.position[:, MONTHS], self.there, MISSING_DAY)

    def seen(self, months: int) -> Bools:
        """Whether at least half of the last `months` lies after the first row, (n,)."""
        return half_after(self.first_day, self.h.as_of, self.h.edges[:, MONTHS - months])

    def within(self, days: int) -> Bools:
        """Whether the latest row is at most so many days old, (n,)."""
        return np.asarray(self.h.as_of - self.last_day <= days)


class AccountFeed(Feed):
    """How far back the account movements of each observation's borrower reach; ask by `h.once(AccountFeed)`."""

    def __init__(self, h: History) -> None:
        Belonging.__init__(self, h)
        self._days = h.once(Accounts).days

    @kept
    def there(self) -> Bools:
        """Whether any row is known, (n,)."""
        return np.asarray(self._days[:, 0] != MISSING_DAY)

    @kept
    def first_day(self) -> Int:
        """Day of the first row, the day after as_of where there is none, (n,)."""
        return np.where(self.there, self._days[:, 0], self.h.as_of + 1)

    @kept
    def last_day(self) -> Int:
        """Day of the latest row, `MISSING_DAY` where there is none, (n,)."""
        return np.where(self.there, self._days[:, 1], MISSING_DAY)
