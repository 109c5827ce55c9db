"""Reports of the credit bureau: what borrowers owe elsewhere and here, who asked, and the bureau's score."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.accounts import feed
from book.sources.simulate.counterparties import LENDERS, US
from book.sources.simulate.draws import Draws, Floats, Ints, cents
from book.sources.simulate.part import Part
from book.sources.simulate.rows import Columns, Rows

DEBT_TYPES = ("card", "instalment_loan", "cash_loan", "credit_line")
CARD, INSTALMENT_LOAN, CASH_LOAN, LINE = range(4)
CASH_LOAN_MONTHS = 12
NONE = -1
_NEW_LENDERS, _OTHERS = 40, 60  # of the lenders that lend in trouble, and of all others


def lines(part: Part, draws: Draws) -> Columns:
    """Lines of all reports, at quarter ends while the account feed runs; header figures on every line."""
    rows = Rows(
        "who", "month", "on", "line", "lender", "type", "opened", "balance", "limit", "instalment", "maturity",
        "dpd", "ours", "asked_1m", "asked_3m", "asked_6m", "score",
    )  # fmt: skip
    writer = _Writer(part, draws, rows)
    months = np.arange(part.plan.months)
    for t in months[(part.plan.first_month + months) % 3 == 2]:
        writer.quarter(int(t))
    return rows.columns()


class _Writer:
    """Writes the reports of one part, quarter by quarter."""

    def __init__(self, part: Part, draws: Draws, rows: Rows) -> None:
        self.part, self.draws, self.rows = part, draws, rows
        n, months = len(part.who), part.plan.months
        strain = part.story.strain
        self.seen = feed(part)
        self.limit = cents(part.wallet.base * draws.between(0.5, 2.0, n) / 100_000.0) * 100_000
        self.asked = strain.new_lenders + strain.inquiries + draws.chance(0.06, n, months)
        self.nth = np.cumsum(strain.new_lenders, axis=1)
        self.standing = 660.0 + 25.0 * draws.bell(n)
        late = np.maximum(part.month_ends.days_past_due, 0)
        self.ours = np.flatnonzero(part.ledger.disbursed_on <= part.calendar.last_day)
        self.late_here = np.zeros((n, months), np.int64)
        np.maximum.at(self.late_here, part.loans.borrower, late)

    def quarter(self, t: int) -> None:
        """All reports of the quarter that ends with month t."""
        part = self.part
        who = np.flatnonzero((self.seen.first <= t) & (self.seen.last >= t))
        dpd = _days_past_due(part, t)[who]
        header = {
            "month": np.full(len(who), t),
            "on": part.calendar.starts[t + 1] - 1 - self.draws.whole(0, 9, len(who)),
            "asked_1m": self.asked[who, t],
            "asked_3m": self.asked[who, max(0, t - 2) : t + 1].sum(axis=1),
            "asked_6m": self.asked[who, max(0, t - 5) : t + 1].sum(axis=1),
        }
        header["score"] = self._score(who, t, dpd, header)
        self._card(who, t, header | {"dpd": np.where(dpd > 60, dpd - 60, 0)})
        self._usual_debt(who, t, header | {"dpd": dpd})
        self._cash_loans(who, t, header | {"dpd": dpd})
        self._own_loans(t, header, who)

    def _score(self, who: Ints, t: int, dpd: Ints, header: dict[str, Ints]) -> Ints:
        """Points: fewer for new lenders, for being asked after, for arrears anywhere up to the month before."""
        new = self.part.story.strain.new_lenders[who, max(0, t - 5) : t + 1].sum(axis=1)
        here = self.late_here[who, max(0, t - 1)]
        lost = 14.0 * new + 5.0 * header["asked_6m"] + 0.5 * np.minimum(dpd, 120) + 0.4 * np.minimum(here, 120)
        return np.clip(cents(self.standing[who] - lost + 6.0 * self.draws.bell(len(who))), 350, 850)

    def _card(self, who: Ints, t: int, header: dict[str, Ints]) -> None:
        wallet, number = self.part.wallet, self.part.who.number[who]
        thin = np.clip(1.0 - wallet.months["opening"][who, t] / np.maximum(wallet.target[who] * 2, 1), 0, 1)
        used: Floats = np.clip(0.15 + 0.65 * thin + 0.12 * self.draws.bell(len(who)), 0.0, 1.0)
        limit = self.limit[who]
        self.rows.add(
            who=who, line=1, lender=LENDERS + (number + 11) % _NEW_LENDERS, type=CARD, ours=0, maturity=NONE,
            opened=self.part.calendar.first_day - 400 - number % 2000, balance=cents(limit * used), limit=limit,
            instalment=NONE, **header,
        )  # fmt: skip

    def _usual_debt(self, who: Ints, t: int, header: dict[str, Ints]) -> None:
        """An instalment loan of old; a refinancing moves it to a new lender over a new, longer term."""
        part = self.part
        has = part.wallet.usual_elsewhere[who] > 0
        row = who[has]
        number, instalment = part.who.number[row], part.wallet.usual_elsewhere[row]
        start, term = -(number % 20), 72 + number % 48
        moved = part.story.strain.refinanced[row, t]
        since = part.story.strain.refinanced[row].argmax(axis=1)
        opened = np.where(moved, part.calendar.starts[since] + 6, part.calendar.first_day + 30 * start)
        lender = np.where(moved, LENDERS + _NEW_LENDERS + number % _OTHERS, LENDERS + number % _NEW_LENDERS)
        self.rows.add(
            who=row, line=2, lender=lender, type=INSTALMENT_LOAN, ours=0, opened=opened,
            balance=instalment * np.maximum(term - t, 1), limit=NONE, instalment=instalment,
            maturity=part.calendar.first_day + 30 * (term + 24 * moved), **_of(header, has),
        )  # fmt: skip

    def _cash_loans(self, who: Ints, t: int, header: dict[str, Ints]) -> None:
        """One line per loan taken in the last twelve months."""
        borrowed, starts = self.part.wallet.months["borrowed"], self.part.calendar.starts
        for taken_in in range(max(0, t - CASH_LOAN_MONTHS + 1), t + 1):
            has = borrowed[who, taken_in] > 0
            row = who[has]
            count = self.nth[row, taken_in]
            taken = borrowed[row, taken_in]
            self.rows.add(
                who=row, line=2 + count, type=CASH_LOAN, ours=0, opened=starts[taken_in],
                lender=LENDERS + _NEW_LENDERS + (self.part.who.number[row] * 3 + count) % _OTHERS,
                balance=taken * (CASH_LOAN_MONTHS - (t - taken_in)) // CASH_LOAN_MONTHS, limit=NONE,
                instalment=taken * 2 // CASH_LOAN_MONTHS, maturity=starts[taken_in + CASH_LOAN_MONTHS],
                **_of(header, has),
            )  # fmt: skip

    def _own_loans(self, t: int, header: dict[str, Ints], who: Ints) -> None:
        """Our own loans as we reported them at the end of the month before."""
        if t == 0:
            return
        part, loans = self.part, self.part.loans
        place = np.full(len(part.who), NONE, np.int64)
        place[who] = np.arange(len(who))
        told = (part.month_ends.principal[self.ours, t - 1] >= 0) & (place[loans.borrower[self.ours]] >= 0)
        loan = self.ours[told]
        line = part.ledger.line[loan]
        maturity = part.calendar.day(loans.first_month[loan] + loans.terms[loan] - 1, loans.due_day[loan])
        at = place[loans.borrower[loan]]
        self.rows.add(
            who=loans.borrower[loan], line=90 + loans.slot[loan], lender=US, ours=1,
            type=np.where(line, LINE, INSTALMENT_LOAN), opened=part.ledger.disbursed_on[loan],
            balance=part.month_ends.principal[loan, t - 1], limit=np.where(line, loans.principal[loan], NONE),
            instalment=NONE, maturity=np.where(line, NONE, maturity),
            dpd=part.month_ends.days_past_due[loan, t - 1], **{name: values[at] for name, values in header.items()},
        )  # fmt: skip


def _days_past_due(part: Part, t: int) -> Ints:
    """Thirty days for every month in a row, up to t, in which debts elsewhere were not served."""
    short = part.wallet.short_elsewhere[:, : t + 1][:, ::-1]
    run = np.cumprod(short, axis=1).sum(axis=1)
    return np.maximum(30 * run - 12, 0)


def _of(header: dict[str, Ints], has: np.ndarray) -> dict[str, Ints]:
    return {name: values[has] for name, values in header.items()}
