"""What changes a loan besides its dues: prepayment, relief, compensation, write-off, recovery."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Draws, Ints, cents
from book.sources.simulate.ledger import (
    COMPENSATION,
    EVENTS,
    FULL_PREPAY,
    GUARANTOR,
    PARTIAL_PREPAY,
    RECOVERY,
    THIRD_PARTY,
    TRANSFER,
    WIDTH,
    Ledger,
)
from book.sources.simulate.plan import Plan
from book.sources.simulate.schedule import ANNUITY, EQUAL_PRINCIPAL, amortise
from book.sources.simulate.wallet import Wallet

FULL_PREPAY_CHANCE = 0.007
PARTIAL_PREPAY_CHANCE = 0.005
RELIEF_CHANCE = 0.035
COMPENSATED_AFTER = 85
EXTRA_TERMS = (3, 6, 12)


class Changes:
    """Month-end events on the loans of one part."""

    def __init__(self, plan: Plan, part: int, ledger: Ledger, wallet: Wallet) -> None:
        self.ledger, self.wallet = ledger, wallet
        draws = Draws(plan.seed, part, "changes")
        shape = (len(ledger.loans), plan.months)
        self._prepays, self._relief, self._u = (
            draws.uniform(*shape),
            draws.uniform(*shape),
            draws.uniform(*shape),
        )
        self._days = draws.whole(1, 9, *shape)
        self._extra = np.asarray(EXTRA_TERMS)[draws.whole(0, 2, shape[0])]
        self._patience = 180 + draws.whole(0, 60, shape[0])
        self._collectable = draws.chance(0.35, shape[0])
        self._written_off = np.full(shape[0], plan.months, np.int64)
        self._loss = np.zeros(shape[0], np.int64)
        self._serviced = np.isin(ledger.loans.kind, (ANNUITY, EQUAL_PRINCIPAL))

    def month(self, t: int) -> None:
        """Apply the changes of month t, after its dues were met."""
        ledger = self.ledger
        began = ledger.loans.first_month <= t
        day = int(ledger.calendar.starts[t + 1]) - 1
        self._prepay(t, np.flatnonzero(ledger.open & began & ~ledger.line))
        rows = np.flatnonzero(ledger.open & began & (ledger.last_paid_on <= day))
        late = ledger.days_past_due(rows, day)
        self._write_off(t, rows[late >= self._patience[rows]], day)
        guaranteed = ledger.loans.guarantee[rows] == 1
        self._compensate(rows[(late >= COMPENSATED_AFTER) & guaranteed & ledger.open[rows]], day)
        self._relieve(t, rows[(late > 14) & (late < 120) & ledger.open[rows]], day)
        self._flag(t, rows[(late > 60) & (late <= 90) & ledger.open[rows]], day)
        self._recover(t, day)

    def _write_off(self, t: int, rows: Ints, day: int) -> None:
        self._written_off[rows], self._loss[rows] = t, self.ledger.outstanding(rows)
        self.ledger.close(rows, np.full(len(rows), day), "write_off")

    def _recover(self, t: int, day: int) -> None:
        """After a write-off some pay 3 to 15 % of the loss now and then."""
        due = (self._written_off < t) & self._collectable & (self._u[:, t] < 0.3)
        rows = np.flatnonzero(due)
        amount = cents(self._loss[rows] * (0.03 + 0.12 * self._prepays[rows, t]) / 1000.0) * 1000
        rows, amount = rows[amount > 0], amount[amount > 0]
        on = day - self._days[rows, t]
        self.ledger.payments.add(loan=rows, on=on, amount=amount, method=TRANSFER, purpose=RECOVERY)
        self.wallet.save(self.ledger.loans.borrower[rows], amount, t)
        self.wallet.pay(self.ledger.loans.borrower[rows], amount)

    def _compensate(self, rows: Ints, day: int) -> None:
        """The guarantee company pays the lender out; the borrower's arrears stay what they are."""
        amount = self.ledger.outstanding(rows)
        on = np.full(len(rows), day)
        self.ledger.payments.add(
            loan=rows, on=on, amount=amount, method=THIRD_PARTY, purpose=COMPENSATION, payer=GUARANTOR
        )
        self.ledger.close(rows, on, "compensation")

    def _flag(self, t: int, rows: Ints, day: int) -> None:
        rows = rows[self._u[rows, t] > 0.97]
        self.ledger.events.add(loan=rows, type=EVENTS.index("default_flag"), on=day)

    def _relieve(self, t: int, rows: Ints, day: int) -> None:
        """Restructure or extend some loans in arrears: open arrears move into later dues over more terms."""
        ledger = self.ledger
        running = (t - ledger.loans.first_month[rows] < ledger.terms[rows] - 1) & self._serviced[rows]
        room = ledger.terms[rows] + self._extra[rows] <= WIDTH
        chosen = running & room & (ledger.version[rows] < 4) & (self._relief[rows, t] < RELIEF_CHANCE)
        rows = rows[chosen]
        if not len(rows):
            return
        self._complete_partial(t, rows, day)
        capitalise = self._u[rows, t] < 0.6
        self._reschedule(t, rows, capitalise, day)
        for event, which in (("restructure", rows[capitalise]), ("extension", rows[~capitalise])):
            ledger.events.add(
                loan=which,
                type=EVENTS.index(event),
                on=day,
                distressed=1,
                new_maturity=ledger.due_on(which, ledger.terms[which] - 1),
            )

    def _complete_partial(self, t: int, rows: Ints, day: int) -> None:
        """Relief asks for the rest of a half-paid instalment first, so that only whole ones move."""
        ledger = self.ledger
        k = ledger.oldest_unpaid(rows)
        before = np.where(k > 0, ledger.cumulative[rows, np.maximum(k - 1, 0)], 0)
        half = ledger.paid[rows] > before
        some, rest = rows[half], (ledger.cumulative[rows, k] - ledger.paid[rows])[half]
        n = len(some)
        self.wallet.save(ledger.loans.borrower[some], rest, t)
        self.wallet.pay(ledger.loans.borrower[some], rest)
        ledger.receive(some, np.full(n, day), rest, np.full(n, TRANSFER), np.zeros(n, np.int64))

    def _reschedule(self, t: int, rows: Ints, capitalise: np.ndarray, day: int) -> None:
        """New dues after month t: unpaid ones are re-issued with zero, principal is spread over more terms.

        Unpaid interest is capitalised (restructure) or added to the first new due's interest (extension).
        """
        ledger = self.ledger
        first, following = ledger.oldest_unpaid(rows), t - ledger.loans.first_month[rows] + 1
        overdue = (np.arange(WIDTH)[None, :] >= first[:, None]) & (np.arange(WIDTH)[None, :] < following[:, None])
        interest = np.where(overdue, ledger.due_interest[rows], 0).sum(axis=1)
        principal = ledger.outstanding(rows) + np.where(capitalise, interest, 0)
        ledger.terms[rows] += self._extra[rows]
        self._replace(rows, first, following, principal)
        ledger.due_interest[rows, following] += np.where(capitalise, 0, interest)
        ledger.version[rows] += 1
        ledger.sum_up(rows)
        ledger.issue(rows, np.minimum(first, following), np.full(len(rows), day))

    def _replace(self, rows: Ints, zero_from: Ints, following: Ints, principal: Ints) -> None:
        """Put zero from `zero_from` to `following` and a fresh schedule of `principal` after it."""
        ledger, loans = self.ledger, self.ledger.loans
        part, interest = amortise(principal, loans.rate[rows], ledger.terms[rows] - following, loans.kind[rows], WIDTH)
        k = np.arange(WIDTH)[None, :]
        source = np.clip(k - following[:, None], 0, WIDTH - 1)
        kept, fresh = k < zero_from[:, None], k >= following[:, None]
        for dues, new in ((ledger.due_principal, part), (ledger.due_interest, interest)):
            later = np.where(fresh, np.take_along_axis(new, source, axis=1), 0)
            dues[rows] = np.where(kept, dues[rows], later)

    def _prepay(self, t: int, rows: Ints) -> None:
        """Loans that are current are paid off early, or in part, from savings, before the next due."""
        ledger = self.ledger
        k = t - ledger.loans.first_month[rows] + 1
        early = (k >= 3) & (k < ledger.terms[rows] - 1)
        rows, k = rows[early], k[early]
        due_on = ledger.calendar.starts[t] + ledger.loans.due_day[rows] - 1
        on = np.maximum(due_on, ledger.last_paid_on[rows]) + self._days[rows, t]
        settled = (ledger.paid[rows] == ledger.cumulative[rows, k - 1]) & (on < ledger.due_on(rows, k))
        rows, k, on = rows[settled], k[settled], on[settled]
        u, left = self._prepays[rows, t], ledger.outstanding(rows)
        full = u < FULL_PREPAY_CHANCE
        part = cents(left * (0.1 + 0.4 * self._u[rows, t]) / 10_000.0) * 10_000
        some = ~full & (u < FULL_PREPAY_CHANCE + PARTIAL_PREPAY_CHANCE) & self._serviced[rows] & (part > 0)
        self._prepaid(t, rows[full], k[full], left[full], on[full], FULL_PREPAY)
        self._prepaid(t, rows[some], k[some], part[some], on[some], PARTIAL_PREPAY)

    def _prepaid(self, t: int, rows: Ints, following: Ints, amount: Ints, on: Ints, purpose: int) -> None:
        ledger, loans = self.ledger, self.ledger.loans
        if not len(rows):
            return
        left, full = ledger.outstanding(rows), purpose == FULL_PREPAY
        days = on - ledger.due_on(rows, following - 1)
        interest = cents(left * loans.rate[rows] / 360.0 * days) if full else np.zeros(len(rows), np.int64)
        money = amount + interest
        ledger.payments.add(loan=rows, on=on, amount=money, method=TRANSFER, purpose=purpose, interest=interest)
        self.wallet.save(loans.borrower[rows], money, t)
        self.wallet.pay(loans.borrower[rows], money)
        self._replace(rows, following, following, left - amount)
        ledger.version[rows] += 1
        ledger.sum_up(rows)
        ledger.issue(rows, following, on)
        ledger.prepaid_on[rows], ledger.prepaid[rows] = on, amount
        if full:
            ledger.close(rows, on, "prepaid")
