"""Credit lines: drawn and paid back at will, with a statement and a least payment each month."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Draws, cents
from book.sources.simulate.ledger import PARTIAL_PREPAY, TRANSFER, Ledger
from book.sources.simulate.plan import Plan
from book.sources.simulate.rows import Rows
from book.sources.simulate.wallet import Wallet

STATEMENT_BEFORE = 3  # days before the month's end
LEAST_SHARE = 0.05
LEAST_AMOUNT = 5_000
FULL_PAYERS = 0.35
LEEWAY = 1.04  # purchases pass a little beyond the limit
CASH, PURCHASE = range(2)


class Lines:
    """The credit lines of one part.

    `draws` are rows of what was drawn (loan, on, amount, kind); `statement` is the balance of the latest
    statement and `least` what it asked for, shape (loans, months), by the month in which it was made.
    """

    def __init__(self, plan: Plan, part: int, ledger: Ledger, wallet: Wallet) -> None:
        self.ledger, self.wallet = ledger, wallet
        self.draws = Rows("loan", "on", "amount", "kind")
        shape = (len(ledger.loans), plan.months)
        self.statement, self.least = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self._every = np.flatnonzero(ledger.line)
        draws, n = Draws(plan.seed, part, "lines"), len(self._every)
        self._use, self._need = draws.between(0.02, 0.16, n, plan.months), draws.uniform(n, plan.months)
        self._pays_all = draws.chance(FULL_PAYERS, n)
        self._extra = draws.uniform(n, plan.months)
        self._thrift = draws.between(0.3, 1.2, n)

    def draw(self, t: int) -> None:
        """Purchases on the line, and cash drawn where the account runs dry; nothing while in arrears."""
        ledger, loans = self.ledger, self.ledger.loans
        day = int(ledger.calendar.starts[t]) - 1
        running = ledger.open[self._every] & (loans.month[self._every] < t) & ~ledger.last_statement[self._every]
        at = np.flatnonzero(running)
        at = at[ledger.days_past_due(self._every[at], day) == 0]
        rows = self._every[at]
        who, limit = loans.borrower[rows], loans.principal[rows]
        room = np.maximum(cents(limit * LEEWAY) - ledger.outstanding(rows), 0)
        bought = np.minimum(cents(limit * self._use[at, t] * self._thrift[at] / 100.0) * 100, room)
        dry = self.wallet.balance[who] < self.wallet.target[who] * 0.6
        share = np.where(dry & (self._need[at, t] < 0.55), 0.10 + 0.35 * self._need[at, t], 0.0)
        cash = np.clip(
            cents(limit * share / 10_000.0) * 10_000, 0, np.maximum(limit - ledger.outstanding(rows) - bought, 0)
        )
        np.add.at(self.wallet.months["drawn"][:, t], who, cash)
        ledger.unbilled[rows] += bought + cash
        for kind, amount, first in ((PURCHASE, bought, 8), (CASH, cash, 1)):
            some = amount > 0
            on = ledger.calendar.starts[t] + first - 1 + loans.number[rows] % 7
            self.draws.add(loan=rows[some], on=on[some], amount=amount[some], kind=kind)

    def pay_more(self, t: int) -> None:
        """Those who can spare it pay more than the least: all that was drawn, or part of it."""
        ledger, loans = self.ledger, self.ledger.loans
        k = t - loans.first_month[self._every]
        at = np.flatnonzero(ledger.open[self._every] & (k >= 0) & ~ledger.last_statement[self._every])
        rows = self._every[at]
        who = loans.borrower[rows]
        settled = ledger.paid[rows] >= ledger.cumulative[rows, -1]
        spare = np.maximum(self.wallet.left(who) - self.wallet.target[who] // 2, 0)
        share = np.where(self._pays_all[at], 1.0, np.where(self._extra[at, t] < 0.3, self._extra[at, t], 0.0))
        amount = np.minimum(cents(ledger.unbilled[rows] * share), spare) * settled
        due_on = ledger.calendar.starts[t] + loans.due_day[rows] - 1
        some = (amount > 0) & (ledger.last_paid_on[rows] <= due_on)
        rows, amount = rows[some], amount[some]
        ledger.payments.add(
            loan=rows, on=due_on[some], amount=amount, method=TRANSFER, purpose=PARTIAL_PREPAY, interest=0
        )
        ledger.unbilled[rows] -= amount
        self.wallet.pay(who[some], amount)

    def close_month(self, t: int) -> None:
        """The statement, a few days before the month's end: what the next month's due will be."""
        ledger, loans = self.ledger, self.ledger.loans
        k = t + 1 - loans.first_month[self._every]
        asks = ledger.open[self._every] & (k >= 0) & (k < ledger.terms[self._every])
        rows, k = self._every[asks], k[asks]
        day = np.maximum(int(ledger.calendar.starts[t + 1]) - 1 - STATEMENT_BEFORE, ledger.disbursed_on[rows])
        balance = ledger.outstanding_on(rows, day)
        last = k == ledger.terms[rows] - 1
        part = np.maximum(cents(balance * LEAST_SHARE), LEAST_AMOUNT)
        part = np.where(last, ledger.unbilled[rows], np.minimum(part, ledger.unbilled[rows]))
        interest = cents(balance * loans.rate[rows] / 12.0)
        ledger.bill(rows, k, part, interest, day)
        ledger.last_statement[rows] = last
        self.statement[rows, t] = balance + interest
        self.least[rows, t] = ledger.cumulative[rows, k] - ledger.paid_by(rows, day)
        over = last & (ledger.paid[rows] >= ledger.cumulative[rows, k])
        ledger.close(rows[over], day[over], "closed")
