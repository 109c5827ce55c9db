"""Accounts and tax returns of a firm: which row is in hand, and the year of filings against the year before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of, months_before
from book.dossiers import Rows
from book.tables import MISSING_MONEY
from features.belonging import Belonging
from features.feeds import Feed, picked
from features.history import MONTHS, History
from features.kept import kept
from features.measures import Values
from features.windows import locate

Ints = Any
Int = NDArray[np.int64]
USABLE_MONTHS = 18


@nb.njit(cache=True, nogil=True)
def row_in_hand(day: Ints, posted_at: Ints, first: Ints, end: Ints) -> Ints:
    """The row of the latest day among rows [first, end), of several the one posted last; -1 if none, (n,)."""
    out = np.full(len(end), -1, np.int64)
    for i in range(len(end)):
        q = end[i] - 1
        while q >= first[i] and day[q] == day[end[i] - 1]:
            if out[i] < 0 or posted_at[q] > posted_at[out[i]]:
                out[i] = q
            q -= 1
    return out


@nb.njit(cache=True, nogil=True)
def _of_month(day: Ints, month: Ints, posted_at: Ints, first: int, below: int, wanted: int) -> int:
    """The latest row of month `wanted` among rows [first, below), of one day the one posted last; -1 if none."""
    best = -1
    for q in range(first, below):
        if month[q] == wanted and (best < 0 or day[q] > day[best] or posted_at[q] > posted_at[best]):
            best = q
    return best


@nb.njit(cache=True, nogil=True)
def years_of_filings(
    day: Ints, month: Ints, posted_at: Ints, sales: Ints, first: Ints, lo: Ints, hi: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Sales of the filings [lo, hi) that have one a year earlier, of those; how many have one, how many filings."""
    n = len(lo)
    now, then, pairs, filed = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    for i in range(n):
        for q in range(lo[i], hi[i]):
            if _of_month(day, month, posted_at, lo[i], hi[i], month[q]) != q:
                continue
            filed[i] += 1
            before = _of_month(day, month, posted_at, first[i], q, month[q] - 12)
            if before >= 0:
                pairs[i] += 1
                now[i] += sales[q]
                then[i] += sales[before]
    return now, then, pairs, filed


@dataclass(frozen=True)
class Accounts:
    """Rows of financials per observation, (n,): -1 where there is none."""

    rows: Rows
    row: Int

    def money(self, name: str) -> Values:
        """A figure of the accounts, minor units; NaN where it is not given, (n,)."""
        values = picked(self.rows[name], self.row, MISSING_MONEY)
        return np.where(values == MISSING_MONEY, np.nan, values)


class Statements(Belonging):
    """The accounts of each observation's borrower."""

    def __init__(self, h: History, rows: Rows) -> None:
        super().__init__(h)
        self.rows = rows
        self.series = h.dated("financials", "period_end")

    def _before(self, end: Int) -> Int:
        return row_in_hand(self.series.days, self.rows["posted_at"], self.series.first, end)

    def _ended_on(self, row: Int) -> Int:
        return picked(self.series.days, row, 0).astype(np.int64)

    @kept
    def at_as_of(self) -> Accounts:
        """The accounts in hand, at most 18 months old."""
        row = self._before(self.series.position[:, MONTHS])
        usable = (row >= 0) & (self._ended_on(row) >= months_before(self.h.as_of, USABLE_MONTHS))
        return Accounts(self.rows, np.where(usable, row, -1))

    @kept
    def year_before(self) -> Accounts:
        """The accounts of the same month a year before those in hand."""
        wanted = month_of(self._ended_on(self.at_as_of.row)) - 12
        end = locate(self.series.days, self.series.at, self.series.segment, month_end(wanted)[:, None])[:, 0]
        row = self._before(end)
        same = (self.at_as_of.row >= 0) & (row >= 0) & (month_of(self._ended_on(row)) == wanted)
        return Accounts(self.rows, np.where(same, row, -1))


class Filings:
    """The tax returns of each observation's borrower."""

    def __init__(self, h: History, rows: Rows) -> None:
        self.rows = rows
        self.series = h.dated("tax_filings", "period_end")
        self.feed = Feed(h, self.series)

    @kept
    def sales(self) -> tuple[Int, Int, Int, Int]:
        """As `years_of_filings`: sales now, then, pairs, filings of the year, (n,)."""
        lo, hi = self.series.position[:, 0], self.series.position[:, MONTHS]
        month = month_of(self.series.days).astype(np.int64)
        r = self.rows
        return years_of_filings(r["period_end"], month, r["posted_at"], r["declared_sales"], self.series.first, lo, hi)

    def of_year(self, name: str) -> Int:
        """Sum of a column over the filings of the year, minor units, (n,)."""
        return self.series.months(self.rows[name]).sum(axis=1)


def statements(h: History) -> Statements | None:
    """The accounts of `h`; None where the source has no financials."""
    rows = h.rows("financials")
    return None if rows is None else Statements(h, rows)


def filings(h: History) -> Filings | None:
    """The tax returns of `h`; None where the source has no tax_filings."""
    rows = h.rows("tax_filings")
    return None if rows is None else Filings(h, rows)
