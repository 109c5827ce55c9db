"""Balances, limits and statements of revolving loans."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.dossiers import Rows
from book.tables import MISSING_MONEY
from features.belonging import Belonging
from features.feeds import picked
from features.history import MONTHS, History
from features.kept import kept
from features.ledger import posted
from features.measures import Values
from features.principal import prepaid, revolving
from features.ratios import ratio

Ints = Any
FRESH_MONTHS = 2
READ_MONTHS = 6


@nb.njit(cache=True, nogil=True)
def _paid_between(on: Ints, amount: Ints, lo: int, hi: int, after: int, until: int) -> int:
    """Money of rows [lo, hi), sorted by day, on days after < d <= until."""
    a, b = lo, hi
    while a < b:
        c = (a + b) >> 1
        if on[c] <= after:
            a = c + 1
        else:
            b = c
    total = 0
    while a < hi and on[a] <= until:
        total += amount[a]
        a += 1
    return total


@nb.njit(cache=True, nogil=True)
def minimum_payers(
    as_on: Ints, statement: Ints, min_due: Ints, slack: int, lo: Ints, hi: Ints,
    on: Ints, amount: Ints, money_at: Ints, unit: Ints,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Judged statements among rows [lo, hi) that left a choice, and those paid no more than the minimum, (n,)."""
    n = len(lo)
    judged, minimum = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for i in range(n):
        last = -1
        for q in range(lo[i], hi[i]):
            if statement[q] == MISSING_MONEY:
                continue
            if last >= 0 and min_due[last] > 0 and statement[last] > min_due[last] + slack:
                m = money_at[unit[i]]
                paid = _paid_between(on, amount, m[0], m[1], as_on[last], as_on[q])
                judged[i] += 1
                minimum[i] += paid <= min_due[last] + slack
            last = q
    return judged, minimum


class Account(Belonging):
    """The account of each observation's revolving loan; NaN for other loans."""

    def __init__(self, h: History, rows: Rows) -> None:
        super().__init__(h)
        self.rows = rows
        self.series = h.dated("balances", "as_on")
        self.revolving = revolving(h)

    @kept
    def _drawn(self) -> tuple[Values, Values]:
        """Principal and limit at as_of and 1 to 5 months before, minor units, (n, 6), newest last."""
        end = self.series.position[:, MONTHS - READ_MONTHS + 1 :]
        row = np.where(end > self.series.first[:, None], end - 1, -1)
        young = picked(self.rows["as_on"], row, 0) > self.h.edges[:, MONTHS - READ_MONTHS + 1 - FRESH_MONTHS : -2]
        there = (row >= 0) & young & self.revolving[:, None]
        principal, limit, undrawn = (picked(self.rows[c], row, MISSING_MONEY) for c in _COLUMNS)
        told = np.where(undrawn == MISSING_MONEY, np.nan, principal + undrawn.astype(float))
        return (
            np.where(there, principal, np.nan).astype(float),
            np.where(there, np.where(limit == MISSING_MONEY, told, limit), np.nan),
        )

    def utilisation(self, months_ago: int) -> Values:
        """Share of the limit drawn so many months before as_of, at most 10, (n,)."""
        principal, limit = self._drawn
        return np.minimum(ratio(principal[:, -1 - months_ago], limit[:, -1 - months_ago], adverse=10), 10)

    @property
    def overlimit_months(self) -> Values:
        """Month ends of the last 6 with more drawn than the limit; NaN where under 3 are known, (n,)."""
        principal, limit = self._drawn
        known = ~np.isnan(limit)
        return np.where(known.sum(axis=1) >= READ_MONTHS // 2, (principal > limit).sum(axis=1), np.nan)

    def min_pay_share(self, months: int) -> Values:
        """Share of the statements of the last `months` paid with no more than the minimum, (n,)."""
        h, r, paid = self.h, self.rows, self.h.payments
        hi = self.series.position[:, MONTHS]
        lo = np.where(self.revolving, self.series.position[:, MONTHS - months], hi)
        judged, minimum = minimum_payers(
            r["as_on"], r["statement_balance"], r["min_due"], h.settings.tolerance, lo, hi,
            paid.days, _paid_back(h), paid.at, paid.segment,
        )  # fmt: skip
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(h.seen(months) & (judged > 0), minimum / judged, np.nan)


def _paid_back(h: History) -> NDArray[np.int64]:
    """Money of each payment row that pays the account back: scheduled money and prepayments, minor units."""
    rows = h.dossiers.tables["payments"]
    return np.where(h.scheduled_rows() | (posted(rows) & prepaid(h)), rows["amount"], 0)


_COLUMNS = ("principal", "limit", "undrawn")


def account(h: History) -> Account | None:
    """The revolving account of `h`; None where the source has no balances."""
    rows = h.rows("balances")
    return None if rows is None else Account(h, rows)
