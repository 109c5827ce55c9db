"""How dues are met: when the money is there and the borrower wants to; else late, in part or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.causes import Strain
from book.sources.simulate.draws import Bools, Draws, Ints, cents
from book.sources.simulate.ledger import (
    AUTOPAY,
    BORROWER,
    CO_BORROWER,
    EVENTS,
    FAILED,
    INSUFFICIENT,
    MANDATE,
    MISSING,
    PENALTY,
    TECHNICAL,
    THIRD_PARTY,
    TRANSFER,
    Ledger,
)
from book.sources.simulate.people import People
from book.sources.simulate.plan import Plan
from book.sources.simulate.rows import Rows
from book.sources.simulate.wallet import Wallet

LATEST = 27  # days after the due date within which a due of the month is paid
RETRY_DAYS = 3
GRACE = 2


@dataclass(frozen=True)
class Dues:
    """Loans with something to pay in a month; arrays of one length. Money in minor units."""

    loan: Ints
    who: Ints
    on: Ints
    day: Ints
    owed: Ints
    arrears: Ints
    instalment: Ints


class Repayment:
    """Decides what is paid each month on the loans of one part.

    `late` are rows of dues that were not paid in full within `GRACE` days: what was owed, what came (`amount`,
    `paid_on`, -1 where nothing), and the arrears among it.
    """

    def __init__(self, plan: Plan, part: int, who: People, strain: Strain, ledger: Ledger, wallet: Wallet) -> None:
        self.who, self.strain, self.ledger, self.wallet = who, strain, ledger, wallet
        self.late = Rows("loan", "month", "due_on", "owed", "amount", "paid_on", "arrears")
        draws = Draws(plan.seed, part, "repayment")
        shape = (len(ledger.loans), plan.months)
        self._lapse = draws.uniform(*shape)
        self._will, self._debit = draws.uniform(*shape), draws.uniform(*shape)
        self._share, self._helper = draws.uniform(*shape), draws.uniform(*shape)
        self._noise, self._delay = draws.bell(*shape), draws.whole(0, 3, *shape)

    def month(self, t: int) -> None:
        """Meet the dues of month t, the borrower's first loan first."""
        for slot in range(int(self.ledger.loans.slot.max(initial=0)) + 1):
            dues = self.dues(t, slot)
            if len(dues.loan):
                self._meet(t, dues)

    def dues(self, t: int, slot: int) -> Dues:
        """What is owed in month t on the borrowers' loans of one slot."""
        ledger, loans = self.ledger, self.ledger.loans
        k = t - loans.first_month
        loan = np.flatnonzero(ledger.open & (loans.slot == slot) & (k >= 0))
        k = np.minimum(k[loan], ledger.terms[loan] - 1)
        total = ledger.cumulative[loan, k]
        owed = total - ledger.paid[loan]
        instalment = np.where(
            t - loans.first_month[loan] < ledger.terms[loan],
            ledger.due_principal[loan, k] + ledger.due_interest[loan, k],
            0,
        )
        some = owed > 0
        loan, owed, instalment = loan[some], owed[some], instalment[some]
        day = loans.due_day[loan]
        on = ledger.calendar.starts[t] + day - 1
        arrears = np.maximum(owed - instalment, 0)
        return Dues(loan, loans.borrower[loan], on, day, owed, arrears, instalment)

    def _meet(self, t: int, dues: Dues) -> None:
        loan, who = dues.loan, dues.who
        self._save_for_balloon(t, dues)
        willing = self._will[loan, t] < 0.9985 * self.strain.will[who, t]
        at_due, left = self.wallet.at_due(who, dues.day, t), self.wallet.left(who)
        later = left >= dues.owed
        now = (at_due >= dues.owed) & (left >= dues.owed - self.wallet.base[who] // 10)
        lapsed = now & (self._lapse[loan, t] < self.who.lapse[who])
        now, later = now & ~lapsed, later | lapsed
        debited = self.who.autopay[who] & ~self.ledger.manual[loan] & (self.strain.habit[who, t] < 6)
        technical = debited & now & (self._debit[loan, t] < self.strain.technical[who, t])
        offset, behind = self._offset(t, dues, now, lapsed, debited, technical)
        amount = np.where(now | later, dues.owed, self._partial(t, dues, left))
        amount = np.where(behind, np.minimum(dues.arrears, np.maximum(left, 0)), amount) * willing
        self._record_failures(dues, debited, technical, now, willing, offset, amount)
        self._cancel_mandates(t, dues, debited & ~willing)
        self._pay(t, dues, amount, dues.on + offset, debited & (offset >= 0))
        self._note_late(t, dues, amount, dues.on + offset)

    def _note_late(self, t: int, dues: Dues, amount: Ints, on: Ints) -> None:
        late = (amount < dues.owed) | (on > dues.on + GRACE)
        paid_on = np.where(amount > 0, on, MISSING)
        columns = {"loan": dues.loan, "due_on": dues.on, "owed": dues.owed, "amount": amount}
        columns |= {"paid_on": paid_on, "arrears": dues.arrears}
        self.late.add(month=t, **{name: values[late] for name, values in columns.items()})

    def _save_for_balloon(self, t: int, dues: Dues) -> None:
        """A large last due is met from savings elsewhere, unless the borrower is in trouble."""
        calm = (self.strain.income[dues.who, t] > 0.7) & (self.strain.gambled[dues.who, t] == 0)
        big = (dues.instalment > self.wallet.base[dues.who] // 2) & calm & (self._helper[dues.loan, t] > 0.03)
        gap = np.maximum(dues.owed - np.maximum(self.wallet.left(dues.who), 0), 0)
        self.wallet.save(dues.who[big], gap[big], t)

    def _offset(
        self, t: int, dues: Dues, now: Bools, lapsed: Bools, debited: Bools, technical: Bools
    ) -> tuple[Ints, Bools]:
        """Days after the due date, and who is more than a month behind by habit."""
        loan, who = dues.loan, dues.who
        raw = np.rint(self.who.habit[who] + 2.0 * self._noise[loan, t] + self.strain.habit[who, t]).astype(np.int64)
        behind = (raw > LATEST) & ~debited
        by_hand = np.where(behind, raw - 30, np.clip(raw, -10, LATEST))
        by_hand = np.where(dues.arrears > 0, np.maximum(by_hand, 0), by_hand)
        wait = self.wallet.payday[who, t] - dues.day
        waiting = np.where(wait > 0, wait + self._delay[loan, t] // 2, 3 + 3 * self._delay[loan, t])
        share = self._share[loan, t]
        waiting = np.where(lapsed, 2 + np.floor(24 * share * share).astype(np.int64), waiting)
        offset = np.where(now, np.where(debited, 0, by_hand), np.clip(waiting, 1, LATEST))
        return np.where(technical, 1 + self._delay[loan, t], offset), behind

    def _partial(self, t: int, dues: Dues, left: Ints) -> Ints:
        """Part of what is owed, in whole tens, from what is left; nothing where that is too little."""
        can = cents(np.maximum(left, 0) * (0.5 + 0.5 * self._share[dues.loan, t]) / 1000.0) * 1000
        enough = can >= np.maximum(dues.instalment, 1) // 6
        return np.where(enough, np.minimum(can, dues.owed), 0)

    def _pay(self, t: int, dues: Dues, amount: Ints, on: Ints, debited: Bools) -> None:
        paid = amount > 0
        loan, who, on, amount = dues.loan[paid], dues.who[paid], on[paid], amount[paid]
        helped = self.who.family_pays[who] & (self._helper[loan, t] < 0.5)
        method = np.where(helped, THIRD_PARTY, np.where(debited[paid], AUTOPAY, TRANSFER))
        payer = np.where(helped, CO_BORROWER, BORROWER)
        self.ledger.receive(loan, on, amount, method, payer)
        self.wallet.pay(who[~helped], amount[~helped])
        arrears = dues.arrears[paid]
        fined = (arrears > 0) & (amount == dues.owed[paid]) & ~helped
        penalty = np.maximum(cents(arrears * 0.0005 * 30), 1)
        self.ledger.payments.add(
            loan=loan[fined], on=on[fined], amount=penalty[fined], method=TRANSFER, purpose=PENALTY
        )
        self.wallet.pay(who[fined], penalty[fined])

    def _record_failures(
        self,
        dues: Dues,
        debited: Bools,
        technical: Bools,
        now: Bools,
        willing: Bools,
        offset: Ints,
        amount: Ints,
    ) -> None:
        """Failed debits on the due day and on retries until the money comes."""
        short = debited & (~now | ~willing) & ~technical
        reason = np.where(technical, TECHNICAL, INSUFFICIENT)
        for attempt in range(3):
            day = attempt * RETRY_DAYS
            tries = (short & ((offset > day) | (amount == 0))) | (technical & (offset > day))
            self.ledger.payments.add(
                loan=dues.loan[tries],
                on=dues.on[tries] + day,
                amount=dues.owed[tries],
                method=AUTOPAY,
                status=FAILED,
                reason=reason[tries],
                interest=MISSING,
            )

    def _cancel_mandates(self, t: int, dues: Dues, refuses: Bools) -> None:
        """Half of those who refuse to pay take back the debit mandate; the next debit fails for it."""
        gone = refuses & (self._helper[dues.loan, t] < 0.5)
        loan, on = dues.loan[gone], dues.on[gone]
        self.ledger.manual[loan] = True
        self.ledger.events.add(loan=loan, type=EVENTS.index("mandate_off"), on=on + 5)
        self.ledger.payments.add(
            loan=loan,
            on=on + 9,
            amount=dues.owed[gone],
            method=AUTOPAY,
            status=FAILED,
            reason=MANDATE,
        )
