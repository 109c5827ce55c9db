"""The lender's ledger: schedules in force, what was paid, what is open."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Ints
from book.sources.simulate.lending import Loans
from book.sources.simulate.plan import Calendar
from book.sources.simulate.rows import Rows
from book.sources.simulate.schedule import BULLET, amortise

WIDTH = 60  # most instalments a loan can come to have
PURPOSES = ("scheduled", "partial_prepay", "full_prepay", "penalty", "recovery", "compensation")
SCHEDULED, PARTIAL_PREPAY, FULL_PREPAY, PENALTY, RECOVERY, COMPENSATION = range(6)
PAYERS = ("borrower", "co_borrower", "guarantor")
BORROWER, CO_BORROWER, GUARANTOR = range(3)
METHODS = ("autopay", "transfer", "third_party")
AUTOPAY, TRANSFER, THIRD_PARTY = range(3)
STATUSES = ("posted", "failed", "reversal")
POSTED, FAILED, REVERSAL = range(3)
FAIL_REASONS = ("insufficient", "technical", "mandate")
INSUFFICIENT, TECHNICAL, MANDATE = range(3)
EVENTS = (
    *("restructure", "extension", "write_off", "closed", "prepaid", "compensation"),
    *("default_flag", "mandate_on", "mandate_off"),
)
MISSING = -1


class Ledger:
    """State of the loans of one part; arrays of shape (loans,) or (loans, WIDTH), money in minor units.

    `due_principal` and `due_interest` are the dues in force per instalment, `paid` the scheduled money
    received.
    """

    def __init__(self, loans: Loans, calendar: Calendar) -> None:
        n = len(loans)
        self.loans = loans
        self.calendar = calendar
        self.due_principal, self.due_interest = amortise(loans.principal, loans.rate, loans.terms, loans.kind, WIDTH)
        self.cumulative = np.zeros((n, WIDTH), np.int64)
        self.cumulative_interest = np.zeros((n, WIDTH), np.int64)
        self.paid = np.zeros(n, np.int64)
        self.terms = loans.terms.copy()
        self.version = np.ones(n, np.int64)
        self.open = np.ones(n, np.bool_)
        self.manual = np.zeros(n, np.bool_)
        self.closed_on = np.full(n, MISSING, np.int64)
        self.last_paid_on = np.full(n, MISSING, np.int64)
        self.payments = Rows(
            "loan", "on", "amount", "method",
            purpose=SCHEDULED, payer=BORROWER, status=POSTED, reason=MISSING, interest=MISSING,
        )  # fmt: skip
        self.instalments = Rows("loan", "no", "version", "valid_from", "due_on", "principal", "interest")
        self.events = Rows("loan", "type", "on", distressed=MISSING, new_maturity=MISSING)
        every = np.arange(n)
        self.disbursed_on = calendar.day(loans.month, loans.day)
        self.sum_up(every)
        self.issue(every, np.zeros(n, np.int64), self.disbursed_on)

    def sum_up(self, rows: Ints) -> None:
        """Renew the running sums after dues have changed."""
        self.cumulative_interest[rows] = np.cumsum(self.due_interest[rows], axis=1)
        self.cumulative[rows] = self.cumulative_interest[rows] + np.cumsum(self.due_principal[rows], axis=1)

    def due_on(self, rows: Ints, k: Ints) -> Ints:
        """Due day of instalment position k (0 is the first)."""
        return self.calendar.day(self.loans.first_month[rows] + k, self.loans.due_day[rows])

    def issue(self, rows: Ints, first: Ints, valid_from: Ints) -> None:
        """Record the dues in force from position `first` on as rows of the current version."""
        k = np.arange(WIDTH)[None, :]
        at_end = self.loans.kind[rows] == BULLET
        start = np.where(at_end, self.terms[rows] - 1, first)
        keep = (k >= start[:, None]) & (k < self.terms[rows][:, None])
        which, position = np.nonzero(keep)
        loan = rows[which]
        self.instalments.add(
            loan=loan,
            no=np.where(at_end[which], 1, position + 1),
            version=self.version[loan],
            valid_from=valid_from[which],
            due_on=self.due_on(loan, position),
            principal=self.due_principal[loan, position],
            interest=self.due_interest[loan, position],
        )

    def oldest_unpaid(self, rows: Ints) -> Ints:
        """Position of the first instalment whose cumulative due is not covered (WIDTH where all are)."""
        return (self.cumulative[rows] <= self.paid[rows][:, None]).sum(axis=1)

    def days_past_due(self, rows: Ints, day: int) -> Ints:
        """Days since the oldest unpaid due date, 0 where nothing is overdue."""
        k = self.oldest_unpaid(rows)
        late = day - self.due_on(rows, np.minimum(k, WIDTH - 1))
        return np.where(k < self.terms[rows], np.maximum(late, 0), 0)

    def interest_within(self, rows: Ints, paid: Ints) -> Ints:
        """How much of `paid` went to interest (oldest instalment first, interest before principal)."""
        k = (self.cumulative[rows] <= paid[:, None]).sum(axis=1)
        before = np.maximum(k - 1, 0)
        covered = np.where(k > 0, self.cumulative[rows, before], 0)
        interest = np.where(k > 0, self.cumulative_interest[rows, before], 0)
        due = np.where(k < WIDTH, self.due_interest[rows, np.minimum(k, WIDTH - 1)], 0)
        return interest + np.minimum(paid - covered, due)

    def outstanding(self, rows: Ints) -> Ints:
        """Principal not yet paid."""
        principal = self.due_principal[rows].sum(axis=1)
        return principal - (self.paid[rows] - self.interest_within(rows, self.paid[rows]))

    def receive(self, rows: Ints, on: Ints, amount: Ints, method: Ints, payer: Ints) -> None:
        """Record scheduled payments and close the loans that are paid in full."""
        before = self.interest_within(rows, self.paid[rows])
        self.paid[rows] += amount
        self.last_paid_on[rows] = np.maximum(self.last_paid_on[rows], on)
        interest = self.interest_within(rows, self.paid[rows]) - before
        self.payments.add(loan=rows, on=on, amount=amount, method=method, payer=payer, interest=interest)
        done = self.paid[rows] >= self.cumulative[rows, -1]
        self.close(rows[done], on[done], "closed")

    def close(self, rows: Ints, on: Ints, event: str) -> None:
        """End loans by an event."""
        self.open[rows] = False
        self.closed_on[rows] = on
        self.events.add(loan=rows, type=EVENTS.index(event), on=on)
