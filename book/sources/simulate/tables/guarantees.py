"""The guarantees table: guarantee companies, relatives, and other borrowers of ours."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.counterparties import GUARANTEE_COMPANIES, GUARANTOR, own_counterparty
from book.sources.simulate.draws import Draws
from book.sources.simulate.extract import MOST_LATE_DAYS, listed
from book.sources.simulate.lending import COMPANY, PERSONAL
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted

BORROWERS_HERE = 0.5  # of personal guarantors


def table(part: Part) -> pa.Table:
    """One guarantor per guaranteed loan; half of the persons among them borrow here themselves."""
    loans, who = part.loans, part.who
    draws = Draws(part.plan.seed, part.number, "table guarantees")
    loan = np.flatnonzero(np.isin(loans.guarantee, (COMPANY, PERSONAL)) & listed(part))
    n, owner = len(loan), loans.borrower[loan]
    company = loans.guarantee[loan] == COMPANY
    other = (owner + draws.whole(1, max(len(who) - 1, 1), n)) % len(who)
    ours = ~company & draws.chance(BORROWERS_HERE, n) & (other != owner)
    number = np.where(company, GUARANTEE_COMPANIES + loan % 5, own_counterparty(who, owner, GUARANTOR))
    share = np.where(draws.chance(0.6, n), 1.0, 0.5)
    day = part.ledger.disbursed_on[loan]
    known_at = posted(part.plan, part.calendar, draws, day, MOST_LATE_DAYS)
    keep = in_extract(part.calendar, day, known_at)
    guarantor = arrow.either(ours, arrow.ids("B", who.number[other]), arrow.ids("C", number, 10))
    rows = pa.table(
        {
            "loan_id": arrow.ids_of("L", loan, loans.number),
            "guarantor_id": guarantor,
            "cap": arrow.money(np.floor(loans.principal[loan] * share).astype(np.int64)),
            "from": arrow.dates(day),
            "posted_at": arrow.stamps(known_at),
            "source": arrow.constant("simulator", n),
        }
    )
    return rows.filter(pa.array(keep))
