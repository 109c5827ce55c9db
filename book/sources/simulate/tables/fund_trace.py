"""The fund_trace table: transfers matched to a payout, from hop 0 (the payout itself) on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.draws import Draws, Ints
from book.sources.simulate.extract import listed
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import take
from book.sources.simulate.traces import BORROWER_ITSELF, trace

MATCHED_AFTER_DAYS = 6


def table(part: Part) -> pa.Table:
    """Transfers sorted by loan, hop and day; those of hop 1 and more are matched some days after they happened."""
    draws = Draws(part.plan.seed, part.number, "table fund_trace")
    rows = trace(part, draws)
    rows = take(rows, np.lexsort((rows["receiver"], rows["on"], rows["hop"], rows["loan"])))
    number = part.number * 10**7 + np.arange(len(rows["loan"]))
    wait = np.where(rows["hop"] > 0, draws.whole(0, MATCHED_AFTER_DAYS, len(number)), 0)
    day = np.minimum(rows["on"] + wait, part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day)
    keep = in_extract(part.calendar, day, known_at) & listed(part)[rows["loan"]]
    rows = take(rows, keep)
    owner = part.loans.borrower[rows["loan"]]
    return pa.table(
        {
            "trace_id": arrow.ids("F", number[keep], 12),
            "loan_id": arrow.ids_of("L", rows["loan"], part.loans.number),
            "hop": arrow.counts(rows["hop"]),
            "from_id": _party(part, owner, rows["sender"]),
            "to_id": _party(part, owner, rows["receiver"]),
            "on": arrow.dates(rows["on"]),
            "amount": arrow.money(rows["amount"]),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", len(owner)),
        }
    )


def _party(part: Part, owner: Ints, number: Ints) -> pa.Array:
    borrower = arrow.ids("B", part.who.number[owner])
    return arrow.either(number == BORROWER_ITSELF, borrower, arrow.ids("C", number, 10))
