"""The life of one part: months go by, dues are met or not, and the ledger and the accounts record it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.causes import Story, stories
from book.sources.simulate.changes import Changes
from book.sources.simulate.incidents import with_incidents
from book.sources.simulate.ledger import Ledger
from book.sources.simulate.lending import Loans, lend
from book.sources.simulate.lines import Lines
from book.sources.simulate.macro import Macro, macro
from book.sources.simulate.people import People, people
from book.sources.simulate.plan import Calendar, Plan
from book.sources.simulate.proceeds import monthly, proceeds
from book.sources.simulate.repay import Repayment
from book.sources.simulate.rows import Columns
from book.sources.simulate.snapshots import Snapshots
from book.sources.simulate.wallet import Wallet


@dataclass(frozen=True)
class Part:
    """One simulated partition, from which its tables are made.

    `proceeds` are account rows of the money paid out, `received` the payments with their booking accidents,
    `late` the dues not paid in time, `drawn` what was drawn on credit lines.
    """

    plan: Plan
    number: int
    calendar: Calendar
    who: People
    loans: Loans
    economy: Macro
    story: Story
    ledger: Ledger
    wallet: Wallet
    proceeds: Columns
    received: Columns
    late: Columns
    drawn: Columns
    lines: Lines
    month_ends: Snapshots


def live(plan: Plan, number: int, calendar: Calendar) -> Part:
    """Simulate one partition; depends on the plan's seed and months, not on other partitions."""
    economy = macro(plan)
    who = people(plan, number)
    loans = lend(plan, number, who)
    story = stories(plan, number, who, loans, economy)
    paid_out = proceeds(plan, number, calendar, loans, story)
    net = monthly(paid_out, len(who), plan.months)
    wallet = Wallet(plan, number, who, story.strain, economy, net)
    ledger = Ledger(loans, calendar)
    repayment = Repayment(plan, number, who, story.strain, ledger, wallet)
    changes = Changes(plan, number, ledger, wallet)
    lines, month_ends = Lines(plan, number, ledger, wallet), Snapshots(ledger, plan.months)
    for t in range(plan.months):
        lines.draw(t)
        wallet.open(t)
        repayment.month(t)
        lines.pay_more(t)
        changes.month(t)
        lines.close_month(t)
        wallet.close(t, _in_arrears(ledger, t, len(who)))
        month_ends.take(t)
    received = with_incidents(plan, number, ledger)
    return Part(
        plan, number, calendar, who, loans, economy, story, ledger, wallet, paid_out, received,
        repayment.late.columns(), lines.draws.columns(), lines, month_ends,
    )  # fmt: skip


def _in_arrears(ledger: Ledger, t: int, borrowers: int) -> np.ndarray:
    """Borrowers who owe us something past due at the end of month t, shape (borrowers,)."""
    k = np.minimum(t - ledger.loans.first_month, ledger.terms - 1)
    rows = np.flatnonzero(ledger.open & (k >= 0))
    short = ledger.cumulative[rows, k[rows]] > ledger.paid[rows]
    late = np.zeros(borrowers, np.bool_)
    late[ledger.loans.borrower[rows[short]]] = True
    return late
