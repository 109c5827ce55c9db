"""What comes in from the borrower's trade: receipts on accounts here and elsewhere, and invoiced sales."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.dossiers import Rows
from features.belonging import Belonging
from features.feeds import Feed, cash_feed
from features.history import MONTHS, History
from features.kept import kept
from features.ledger import code
from features.marks import marks

Ints = Any
Int = NDArray[np.int64]
STALE_DAYS = 45
_QUARTERS = [MONTHS - 6, MONTHS - 3, MONTHS]


@nb.njit(cache=True, nogil=True)
def receipts_of(
    amount: Ints, kind: Ints, earned: Ints, other: Ints, not_trade: Ints, held: Ints, at: Ints
) -> tuple[Ints, Ints, Ints]:
    """Receipts and receipts here in the two spans between the edges `at` (n, 3), older first, each (n, 2).

    `earned` marks categories, `not_trade` kinds of the other side. Third: whether an account elsewhere is seen, (n,).
    """
    n = len(at)
    total, here, elsewhere = np.zeros((n, 2), np.int64), np.zeros((n, 2), np.int64), np.zeros(n, np.bool_)
    for i in range(n):
        for s in range(2):
            for q in range(at[i, s], at[i, s + 1]):
                elsewhere[i] |= held[q] == 0
                if amount[q] > 0 and earned[kind[q]] and not not_trade[other[q]]:
                    total[i, s] += amount[q]
                    if held[q] == 1:
                        here[i, s] += amount[q]
    return total, here, elsewhere


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
        self.feed = h.once(cash_feed)

    @kept
    def _found(self) -> tuple[Int, Int, NDArray[np.bool_]]:
        r = self.rows
        return receipts_of(
            r["amount"], r["category"], marks("cashflow", "category", "salary", "business_income"),
            r["counterparty_type"], marks("cashflow", "counterparty_type", "own", "related", "lender"),
            r["held_here"], self.feed.series.position[:, _QUARTERS],
        )  # fmt: skip

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
