"""The lender's ledger: schedules in force, what was paid, what is open."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Ints
from book.sources.simulate.lending import Loans
from book.sources.simulate.plan import Calendar
from book.sources.simulate.rows import Rows
from book.sources.simulate.schedule import BULLET, REVOLVING, amortise

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
    received, `unbilled` what is drawn on a credit line and not yet on a statement. Months are lived one by
    one, but a payment of a month may fall into the next; `paid_by` and `outstanding_on` look at a day.
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
        self.last_paid = np.zeros(n, np.int64)
        self.prepaid_on = np.full(n, MISSING, np.int64)
        self.prepaid = np.zeros(n, np.int64)
        self.unbilled = np.zeros(n, np.int64)
        self.line = loans.kind == REVOLVING
        self.last_statement = ~self.line
        self.payments = Rows(
            "loan", "on", "amount", "method",
            purpose=SCHEDULED, payer=BORROWER, status=POSTED, reason=MISSING, interest=MISSING,
        )  # fmt: skip
        self.instalments = Rows("loan", "no", "version", "valid_from", "due_on", "principal", "interest")
        self.events = Rows("loan", "type", "on", distressed=MISSING, new_maturity=MISSING)
        every = np.arange(n)
        self.disbursed_on = calendar.day(loans.month, loans.day)
        self.sum_up(every)
        fixed = every[~self.line]
        self.issue(fixed, np.zeros(len(fixed), np.int64), self.disbursed_on[fixed])

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

    def bill(self, rows: Ints, k: Ints, principal: Ints, interest: Ints, valid_from: Ints) -> None:
        """Put a credit line's statement into the schedule as instalment position `k`."""
        self.due_principal[rows, k] = principal
        self.due_interest[rows, k] = interest
        self.unbilled[rows] -= principal
        self.sum_up(rows)
        self.instalments.add(
            loan=rows,
            no=k + 1,
            version=1,
            valid_from=valid_from,
            due_on=self.due_on(rows, k),
            principal=principal,
            interest=interest,
        )

    def oldest_unpaid(self, rows: Ints) -> Ints:
        """Position of the first instalment whose cumulative due is not covered (WIDTH where all are)."""
        return (self.cumulative[rows] <= self.paid[rows][:, None]).sum(axis=1)

    def paid_by(self, rows: Ints, day: Ints | int) -> Ints:
        """Scheduled money received by the end of a day of the month being lived."""
        return self.paid[rows] - np.where(self.last_paid_on[rows] > day, self.last_paid[rows], 0)

    def days_past_due(self, rows: Ints, day: int) -> Ints:
        """Days on a day since the oldest due date unpaid by then, 0 where nothing is overdue."""
        k = (self.cumulative[rows] <= self.paid_by(rows, day)[:, None]).sum(axis=1)
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
        return self._left(rows, self.paid[rows])

    def outstanding_on(self, rows: Ints, day: Ints | int) -> Ints:
        """Principal not paid by the end of a day of the month being lived."""
        later = np.where(self.prepaid_on[rows] > day, self.prepaid[rows], 0)
        return self._left(rows, self.paid_by(rows, day)) + later

    def _left(self, rows: Ints, paid: Ints) -> Ints:
        principal = self.due_principal[rows].sum(axis=1) + self.unbilled[rows]
        return principal - (paid - self.interest_within(rows, paid))

    def receive(self, rows: Ints, on: Ints, amount: Ints, method: Ints, payer: Ints) -> None:
        """Record scheduled payments and close the loans that are paid in full."""
        before = self.interest_within(rows, self.paid[rows])
        self.paid[rows] += amount
        self.last_paid_on[rows] = np.maximum(self.last_paid_on[rows], on)
        self.last_paid[rows] = amount
        interest = self.interest_within(rows, self.paid[rows]) - before
        self.payments.add(loan=rows, on=on, amount=amount, method=method, payer=payer, interest=interest)
        done = (self.paid[rows] >= self.cumulative[rows, -1]) & self.last_statement[rows]
        self.close(rows[done], on[done], "closed")

    def close(self, rows: Ints, on: Ints, event: str) -> None:
        """End loans by an event."""
        self.open[rows] = False
        self.closed_on[rows] = on
        self.events.add(loan=rows, type=EVENTS.index(event), on=on)
