"""The balances table: what each loan owes at month ends, with limit and statement of credit lines."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.draws import Draws, cents
from book.sources.simulate.extract import listed
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.snapshots import OFF_BOOK

PENALTY_A_DAY = 0.0005


def table(part: Part) -> pa.Table:
    """One row per loan and month end on the book, sorted by loan and day."""
    ends, loans = part.month_ends, part.loans
    loan, month = np.nonzero((ends.principal != OFF_BOOK) & listed(part)[:, None])
    draws = Draws(part.plan.seed, part.number, "table balances")
    day = part.calendar.starts[month + 1] - 1
    known_at = posted(part.plan, part.calendar, draws, day)
    keep = in_extract(part.calendar, day, known_at)
    loan, month, day = loan[keep], month[keep], day[keep]
    principal, overdue = ends.principal[loan, month], ends.overdue[loan, month]
    line = part.ledger.line[loan]
    limit = loans.principal[loan]
    since_due = np.maximum(day - part.calendar.day(month, loans.due_day[loan]), 0)
    return pa.table(
        {
            "loan_id": arrow.ids_of("L", loan, loans.number),
            "as_on": arrow.dates(day),
            "principal": arrow.money(principal),
            "accrued": arrow.money(cents(principal * loans.rate[loan] / 360.0 * since_due)),
            "penalty": arrow.money(cents(overdue * PENALTY_A_DAY * ends.days_past_due[loan, month])),
            "limit": arrow.money(limit, ~line),
            "undrawn": arrow.money(np.maximum(limit - principal, 0), ~line),
            "min_due": arrow.money(np.maximum(part.lines.least[loan, month], 0), ~line),
            "statement_balance": arrow.money(part.lines.statement[loan, month], ~line),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", len(loan)),
        }
    )
