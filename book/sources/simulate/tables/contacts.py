"""The contacts table: calls, promises to pay, dead numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.calls import OUTCOMES, calls, number_in_use
from book.sources.simulate.draws import Draws
from book.sources.simulate.extract import listed
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import take

DIRECTIONS = ("out", "in")
_SECOND = 1_000_000


def table(part: Part) -> pa.Table:
    """Calls sorted by loan and day, between 9 and 20 o'clock."""
    draws = Draws(part.plan.seed, part.number, "table contacts")
    rows = calls(part)
    rows = take(rows, np.lexsort((rows["outcome"], rows["direction"], rows["on"], rows["loan"])))
    n = len(rows["loan"])
    day = np.minimum(rows["on"], part.calendar.last_day + 1)
    at = part.calendar.midnight(day) + draws.whole(9 * 3600, 20 * 3600, n) * _SECOND
    known_at = np.maximum(posted(part.plan, part.calendar, draws, day), at + 90 * _SECOND)
    keep = in_extract(part.calendar, rows["on"], known_at) & listed(part)[rows["loan"]]
    rows = take(rows | {"at": at, "known_at": known_at, "number": part.number * 10**7 + np.arange(n)}, keep)
    no_promise = rows["ptp_on"] < 0
    n = len(no_promise)
    return pa.table(
        {
            "contact_id": arrow.ids("N", rows["number"], 12),
            "loan_id": arrow.ids_of("L", rows["loan"], part.loans.number),
            "contact_point_id": arrow.ids("M", number_in_use(part, rows["loan"], rows["on"])),
            "at": arrow.stamps(rows["at"]),
            "channel": arrow.constant("call", n),
            "direction": arrow.words(rows["direction"], DIRECTIONS),
            "outcome": arrow.words(rows["outcome"], OUTCOMES),
            "ptp_amount": arrow.money(rows["ptp_amount"], no_promise),
            "ptp_on": arrow.dates(rows["ptp_on"], no_promise),
            "agent_type": arrow.constant("person", n),
            "posted_at": arrow.stamps(rows["known_at"]),
            "source": arrow.constant("simulator", n),
        }
    )
