"""The loans table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.extract import listed, posted_at
from book.sources.simulate.lending import CHANNELS, GUARANTEES, PRODUCTS
from book.sources.simulate.part import Part
from book.sources.simulate.people import REGIONS
from book.sources.simulate.schedule import BULLET, REPAYMENT_TYPES, REVOLVING

INDUSTRIES = ("retail", "catering", "transport", "manufacturing", "services", "farming")


def table(part: Part) -> pa.Table:
    """One row per loan that had been paid out and was known at the end of the window."""
    loans, who = part.loans, part.who
    day, known_at = part.ledger.disbursed_on, posted_at(part)
    keep = np.flatnonzero(listed(part))
    owner = loans.borrower[keep]
    firm = who.firm[owner]
    maturity = part.calendar.day(loans.first_month + loans.terms - 1, loans.due_day)
    return pa.table(
        {
            "loan_id": arrow.ids("L", loans.number[keep]),
            "borrower_id": arrow.ids_of("B", owner, who.number),
            "product": arrow.words(loans.product[keep], PRODUCTS),
            "borrower_type": arrow.words(firm.astype(np.int64), ("person", "firm")),
            "firm_size": arrow.words(firm.astype(np.int64) - 1, ("micro_small",)),
            "currency": arrow.constant(part.plan.currency, len(keep)),
            "principal": arrow.money(loans.principal[keep]),
            "annual_rate": arrow.numbers(loans.rate[keep]),
            "disbursed_on": arrow.dates(day[keep]),
            "maturity_on": arrow.dates(maturity[keep], loans.kind[keep] == REVOLVING),
            "n_instalments": arrow.counts(
                np.where(loans.kind == BULLET, 1, loans.terms)[keep], loans.kind[keep] == REVOLVING
            ),
            "repayment_type": arrow.words(loans.kind[keep], REPAYMENT_TYPES),
            "guarantee_type": arrow.words(loans.guarantee[keep], GUARANTEES),
            "channel": arrow.words(loans.channel[keep], CHANNELS),
            "region": arrow.words(who.region[owner], REGIONS),
            "industry": arrow.words(np.where(firm, who.employer[owner] % len(INDUSTRIES), -1), INDUSTRIES),
            "employer_id": arrow.ids("C", 1000 + who.employer[owner], missing=firm),
            "purpose": arrow.words(loans.product[keep], PRODUCTS),
            "origination_pd": arrow.numbers(loans.origination_pd[keep]),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", len(keep)),
        }
    )
