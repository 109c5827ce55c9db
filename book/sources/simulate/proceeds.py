"""What becomes of the money paid out: it is spent as meant, or passed to a payee who returns part of it."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes import Story
from book.sources.simulate.draws import Bools, Draws, Ints, cents
from book.sources.simulate.lending import CREDIT_LINE, Loans
from book.sources.simulate.plan import Calendar, Plan
from book.sources.simulate.rows import Columns, Rows

PAID_OUT, SPENT, PASSED_ON, RETURNED, REFUNDED, SPECULATED, WITHDRAWN = range(7)
RETURN_DAYS = 60


def proceeds(plan: Plan, part: int, calendar: Calendar, loans: Loans, story: Story) -> Columns:
    """Account rows of the proceeds: loan, borrower, month, on (day), signed amount (minor units), kind.

    Credit lines are drawn bit by bit (`lines.py`) and have none.
    """
    draws = Draws(plan.seed, part, "proceeds")
    n = len(loans)
    paid_out = loans.product != CREDIT_LINE
    diverted = paid_out & np.isin(loans.borrower, _diverting(story, loans))
    cancelled = paid_out & (loans.slot == 0) & np.isin(loans.borrower, story.spells["returned_goods"].who)
    on = calendar.day(loans.month, loans.day)
    rows = Rows("loan", "on", "amount", "kind")
    every = np.flatnonzero(paid_out)
    rows.add(loan=every, on=on[every], amount=loans.principal[every], kind=PAID_OUT)
    spent = cents(loans.principal * draws.between(0.92, 1.0, n))
    _plain(rows, draws, on, spent, paid_out & ~diverted)
    _diverted(rows, draws, on, spent, diverted)
    _cancelled(rows, draws, on, spent, cancelled & ~diverted)
    columns = rows.columns()
    columns["borrower"] = loans.borrower[columns["loan"]]
    month = np.searchsorted(calendar.starts, columns["on"], side="right") - 1
    columns["month"] = np.minimum(month, plan.months - 1)
    return columns


def _plain(rows: Rows, draws: Draws, on: Ints, spent: Ints, which: Bools) -> None:
    """Spent in two goes within three weeks; one in eight draws some of it in cash."""
    n, at = len(on), np.flatnonzero(which)
    first = cents(spent * draws.between(0.4, 0.8, n))
    early, later = on + draws.whole(0, 3, n), on + draws.whole(4, 20, n)
    cash = cents((spent - first) * np.where(draws.chance(0.12, n), draws.between(0.2, 0.9, n), 0.0))
    rows.add(loan=at, on=early[at], amount=-first[at], kind=SPENT)
    rows.add(loan=at, on=later[at], amount=-(spent - first - cash)[at], kind=SPENT)
    at = np.flatnonzero(which & (cash > 0))
    rows.add(loan=at, on=later[at] - 2, amount=-cash[at], kind=WITHDRAWN)


def _diverted(rows: Rows, draws: Draws, on: Ints, spent: Ints, which: Bools) -> None:
    """Most goes to a payee, who returns 25 to 75 % within two months; half of them speculate with the rest."""
    n, at = len(on), np.flatnonzero(which)
    early = on + draws.whole(0, 3, n)
    speculated = cents(spent * np.where(draws.chance(0.5, n), draws.between(0.1, 0.4, n), 0.0))
    passed = spent - speculated
    back = cents(passed * draws.between(0.25, 0.75, n))
    returns = on + draws.whole(7, RETURN_DAYS, n)
    rows.add(loan=at, on=early[at], amount=-passed[at], kind=PASSED_ON)
    rows.add(loan=at, on=returns[at], amount=back[at], kind=RETURNED)
    at = np.flatnonzero(which & (speculated > 0))
    rows.add(loan=at, on=early[at] + 2, amount=-speculated[at], kind=SPECULATED)


def _cancelled(rows: Rows, draws: Draws, on: Ints, spent: Ints, which: Bools) -> None:
    """15 to 45 % comes back from the supplier after one to four weeks, and is spent elsewhere within a month."""
    n, at = len(on), np.flatnonzero(which)
    back = cents(spent * draws.between(0.15, 0.40, n))
    returns = on + draws.whole(7, 28, n)
    again = returns + draws.whole(2, 25, n)
    rows.add(loan=at, on=returns[at], amount=back[at], kind=REFUNDED)
    rows.add(loan=at, on=again[at], amount=-back[at], kind=SPENT)


def monthly(columns: Columns, borrowers: int, months: int) -> Ints:
    """Net proceeds by borrower and month, shape (borrowers, months)."""
    net = np.zeros((borrowers, months), np.int64)
    np.add.at(net, (columns["borrower"], columns["month"]), columns["amount"])
    return net


def _diverting(story: Story, loans: Loans) -> Ints:
    """Borrowers whose trouble is that funds are diverted, struck within three months of a loan."""
    spell = story.spells["funds_diverted"]
    first = np.full(int(loans.borrower.max(initial=0)) + 1, 10**6, np.int64)
    np.minimum.at(first, loans.borrower, loans.month)
    return spell.who[spell.onset <= first[spell.who] + 3]
