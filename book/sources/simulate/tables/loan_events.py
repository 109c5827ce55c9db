"""The loan_events table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.draws import Draws
from book.sources.simulate.ledger import EVENTS
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Columns, take


def table(part: Part) -> pa.Table:
    """Events sorted by loan and day, with the debit mandates given at disbursement."""
    rows = _with_mandates(part)
    rows = take(rows, np.lexsort((rows["type"], rows["on"], rows["loan"])))
    number = part.number * 10**7 + np.arange(len(rows["loan"]))
    draws = Draws(part.plan.seed, part.number, "table loan_events")
    day = np.minimum(rows["on"], part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day)
    keep = in_extract(part.calendar, day, known_at)
    rows = take(rows, keep)
    n = len(rows["loan"])
    return pa.table(
        {
            "event_id": arrow.ids("E", number[keep], 12),
            "loan_id": arrow.ids_of("L", rows["loan"], part.loans.number),
            "event_type": arrow.words(rows["type"], EVENTS),
            "event_on": arrow.dates(rows["on"]),
            "distressed": arrow.flags(rows["distressed"] == 1, rows["distressed"] < 0),
            "new_maturity": arrow.dates(rows["new_maturity"], rows["new_maturity"] < 0),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", n),
        }
    )


def _with_mandates(part: Part) -> Columns:
    rows = part.ledger.events.columns()
    debited = np.flatnonzero(part.who.autopay[part.loans.borrower])
    given = {
        "loan": debited,
        "type": np.full(len(debited), EVENTS.index("mandate_on")),
        "on": part.ledger.disbursed_on[debited],
        "distressed": np.full(len(debited), -1),
        "new_maturity": np.full(len(debited), -1),
    }
    return {name: np.concatenate([values, given[name]]) for name, values in rows.items()}
