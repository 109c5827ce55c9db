"""What becomes of the money paid out: it is spent as meant, or passed to a payee who returns part of it."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes import Story
from book.sources.simulate.draws import Draws, Ints, cents
from book.sources.simulate.lending import Loans
from book.sources.simulate.plan import Calendar, Plan
from book.sources.simulate.rows import Columns, Rows

PAID_OUT, SPENT, PASSED_ON, RETURNED = range(4)
RETURN_DAYS = 60


def proceeds(plan: Plan, part: int, calendar: Calendar, loans: Loans, story: Story) -> Columns:
    """Account rows of the proceeds: loan, borrower, month, on (day), signed amount (minor units), kind."""
    draws = Draws(plan.seed, part, "proceeds")
    n = len(loans)
    every = np.arange(n)
    on = calendar.day(loans.month, loans.day)
    diverted = np.isin(loans.borrower, _diverting(story, loans))
    rows = Rows("loan", "on", "amount", "kind")
    rows.add(loan=every, on=on, amount=loans.principal, kind=PAID_OUT)
    spent = cents(loans.principal * draws.between(0.92, 1.0, n))
    first = cents(spent * draws.between(0.4, 0.8, n))
    early, later = on + draws.whole(0, 3, n), on + draws.whole(4, 20, n)
    plain = ~diverted
    rows.add(loan=every[plain], on=early[plain], amount=-first[plain], kind=SPENT)
    rows.add(loan=every[plain], on=later[plain], amount=-(spent - first)[plain], kind=SPENT)
    rows.add(loan=every[diverted], on=early[diverted], amount=-spent[diverted], kind=PASSED_ON)
    back = cents(spent * draws.between(0.25, 0.75, n))
    returns = on + draws.whole(7, RETURN_DAYS, n)
    rows.add(loan=every[diverted], on=returns[diverted], amount=back[diverted], kind=RETURNED)
    columns = rows.columns()
    columns["borrower"] = loans.borrower[columns["loan"]]
    month = np.searchsorted(calendar.starts, columns["on"], side="right") - 1
    columns["month"] = np.minimum(month, plan.months - 1)
    return columns


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
