"""What the lender's ledger shows at each month's end."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.ledger import Ledger

OFF_BOOK = -1


class Snapshots:
    """Month-end figures of shape (loans, months), minor units and days; `OFF_BOOK` where a loan is not on the book."""

    def __init__(self, ledger: Ledger, months: int) -> None:
        shape = (len(ledger.loans), months)
        self.ledger = ledger
        self.principal = np.full(shape, OFF_BOOK, np.int64)
        self.overdue = np.full(shape, OFF_BOOK, np.int64)
        self.days_past_due = np.full(shape, OFF_BOOK, np.int64)

    def take(self, t: int) -> None:
        """Look at all loans on the book at the end of month t, once the month is over."""
        ledger, loans = self.ledger, self.ledger.loans
        day = int(ledger.calendar.starts[t + 1]) - 1
        rows = np.flatnonzero((loans.month <= t) & (ledger.open | (ledger.closed_on > day)))
        self.principal[rows, t] = ledger.outstanding_on(rows, day)
        k = np.minimum(t - loans.first_month[rows], ledger.terms[rows] - 1)
        due = np.where(k >= 0, ledger.cumulative[rows, np.maximum(k, 0)], 0)
        self.overdue[rows, t] = np.maximum(due - ledger.paid_by(rows, day), 0)
        self.days_past_due[rows, t] = ledger.days_past_due(rows, day)
