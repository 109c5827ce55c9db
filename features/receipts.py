"""What comes in from the borrower's trade: receipts on accounts here and elsewhere, and invoiced sales."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.dossiers import Rows
from features.account_unseen import Unseen
from features.belonging import Belonging
from features.cash import Accounts
from features.feeds import AccountFeed, Feed
from features.history import MONTHS, History
from features.kept import kept
from features.ledger import code
from features.marks import marks
from features.place import after

Ints = Any
Int = NDArray[np.int64]
STALE_DAYS = 45
_QUARTERS = [MONTHS - 6, MONTHS - 3, MONTHS]
_EARNED = marks("cashflow", "category", "salary", "business_income")
_NOT_TRADE = marks("cashflow", "counterparty_type", "own", "related", "lender")


class Trade(NamedTuple):
    """Account rows of all borrowers; `earned` marks categories, `not_trade` kinds of the other side."""

    on: Ints
    amount: Ints
    held: Ints
    kind: Ints
    other: Ints
    earned: Ints
    not_trade: Ints


@nb.njit(cache=True, nogil=True)
def receipts_of(rows: Trade, at: Ints, of_segment: Ints, edges: Ints, unseen: Unseen) -> tuple[Ints, Ints, Ints]:
    """Receipts and receipts here of months 5 to 3 back and of the last three, (n, 2) each, and whether an account
    elsewhere is seen in those six, (n,).

    Units are in the order of their segments `at`; `edges` (n, m) are as_of and 1, 2, ... months before.
    """
    n = len(of_segment)
    total, here, elsewhere = np.zeros((n, 2), np.int64), np.zeros((n, 2), np.int64), np.zeros(n, np.int64)
    running = np.zeros((1, 3), np.int64)
    last = -1
    for i in range(n):
        lo, hi = at[of_segment[i], 0], at[of_segment[i], 1]
        if of_segment[i] != last:
            last = of_segment[i]
            running = _running(rows, lo, hi)
        now = after(rows.on, lo, hi, edges[i, 0]) - lo
        middle = after(rows.on, lo, lo + now, edges[i, 3]) - lo
        before = after(rows.on, lo, lo + middle, edges[i, 6]) - lo
        total[i, 0], total[i, 1] = running[middle, 0] - running[before, 0], running[now, 0] - running[middle, 0]
        here[i, 0], here[i, 1] = running[middle, 1] - running[before, 1], running[now, 1] - running[middle, 1]
        elsewhere[i] = running[now, 2] - running[before, 2]
        for q in range(unseen.at[i, 0], unseen.at[i, 1]):
            r = unseen.row[q]
            if r >= lo + before:
                span = 1 if r >= lo + middle else 0
                total[i, span] -= running[r - lo + 1, 0] - running[r - lo, 0]
                here[i, span] -= running[r - lo + 1, 1] - running[r - lo, 1]
                elsewhere[i] -= running[r - lo + 1, 2] - running[r - lo, 2]
    return total, here, elsewhere > 0


@nb.njit(cache=True, nogil=True)
def _running(rows: Trade, lo: int, hi: int) -> Ints:
    """Totals before each row of [lo, hi) and after the last: receipts, receipts here, rows of accounts elsewhere."""
    out = np.empty((hi - lo + 1, 3), np.int64)
    total = here = elsewhere = 0
    for r in range(lo, hi):
        out[r - lo, 0], out[r - lo, 1], out[r - lo, 2] = total, here, elsewhere
        if rows.amount[r] > 0 and rows.earned[rows.kind[r]] and not rows.not_trade[rows.other[r]]:
            total += rows.amount[r]
            here += rows.amount[r] if rows.held[r] == 1 else 0
        elsewhere += rows.held[r] == 0
    out[hi - lo, 0], out[hi - lo, 1], out[hi - lo, 2] = total, here, elsewhere
    return out


@nb.njit(cache=True, nogil=True)
def sales_of(amount: Ints, direction: Ints, sale: int, loan: Ints, mine: Ints, at: Ints) -> tuple[Ints, Ints]:
    """Invoiced sales in the two spans between the edges `at` (n, 3), (n, 2); of the later one, those that name no
    other loan than `mine`, (n,).
    """
    n = len(at)
    total, free = np.zeros((n, 2), np.int64), np.zeros(n, np.int64)
    for i in range(n):
        for s in range(2):
            for q in range(at[i, s], at[i, s + 1]):
                if direction[q] == sale:
                    total[i, s] += amount[q]
                    if s == 1 and (loan[q] == -1 or loan[q] == mine[i]):
                        free[i] += amount[q]
    return total, free


class Receipts(Belonging):
    """Receipts of each observation's borrower by quarter (3 months), the one before and the latest; minor units."""

    def __init__(self, h: History, rows: Rows) -> None:
        super().__init__(h)
        self.rows = rows
        self.feed = h.once(AccountFeed)

    @kept
    def _found(self) -> tuple[Int, Int, NDArray[np.bool_]]:
        accounts = self.h.once(Accounts)
        of, shared = accounts.statement, self.rows.shared
        held, kind, other = shared["held_here"], shared["category"], shared["counterparty_type"]
        rows = Trade(of.on, of.amount, held, kind, other, _EARNED, _NOT_TRADE)
        total, here, elsewhere = receipts_of(rows, *accounts.units)
        return total[accounts.unit], here[accounts.unit], elsewhere[accounts.unit]

    def total(self, months: int) -> Int:
        """All receipts of the last 3 or 6 months, (n,)."""
        return _last(self._found[0], months)

    def here(self, months: int) -> Int:
        """Receipts on accounts here in the last 3 or 6 months, (n,)."""
        return _last(self._found[1], months)

    @property
    def elsewhere(self) -> NDArray[np.bool_]:
        """Whether an account held elsewhere is seen in the last 6 months, (n,)."""
        return self._found[2]

    def seen(self, months: int) -> NDArray[np.bool_]:
        """Whether the accounts are fresh and cover at least half of the last `months`, (n,)."""
        return self.feed.seen(months) & self.feed.within(STALE_DAYS)


class Sales(Belonging):
    """Invoiced sales of each observation's borrower by quarter; minor units."""

    def __init__(self, h: History, rows: Rows) -> None:
        super().__init__(h)
        self.rows = rows
        self.feed = Feed(h, h.dated("invoices", "issued_on"))

    @kept
    def _found(self) -> tuple[Int, Int]:
        r, sale = self.rows, code("invoices", "direction", "sale")[0]
        loan = self.h.dossiers.loan
        return sales_of(r["amount"], r["direction"], sale, r["loan_id"], loan, self.feed.series.position[:, _QUARTERS])

    def total(self, months: int) -> Int:
        """Invoiced sales of the last 3 or 6 months, (n,)."""
        return _last(self._found[0], months)

    @property
    def free(self) -> Int:
        """Invoiced sales of the last 3 months that name no other loan, (n,)."""
        return self._found[1]


def _last(quarters: Int, months: int) -> Int:
    """What came in the last 3 or 6 months by quarters (n, 2), (n,)."""
    return quarters[:, 1] if months == 3 else quarters[:, 0] + quarters[:, 1]


def receipts(h: History) -> Receipts | None:
    """The receipts of `h`; None where the source has no cashflow."""
    rows = h.rows("cashflow")
    return None if rows is None else Receipts(h, rows)


def sales(h: History) -> Sales | None:
    """The invoiced sales of `h`; None where the source has no invoices."""
    rows = h.rows("invoices")
    return None if rows is None else Sales(h, rows)
