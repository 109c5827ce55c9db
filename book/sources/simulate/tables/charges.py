"""The charges table: penalty interest on arrears, late fees, costs of write-offs, and what was waived."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.draws import Draws, cents
from book.sources.simulate.ledger import EVENTS
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Columns, Rows, take
from book.sources.simulate.tables.balances import PENALTY_A_DAY

KINDS = ("penalty_interest", "late_fee", "legal", "waiver")
PENALTY, LATE_FEE, LEGAL, WAIVER = range(4)
FEE, FEE_AFTER_DAYS, COSTS = 2_000, 10, 60_000


def table(part: Part) -> pa.Table:
    """Charges sorted by loan and day."""
    draws = Draws(part.plan.seed, part.number, "table charges")
    rows = _charged(part, draws)
    rows = take(rows, np.lexsort((rows["kind"], rows["on"], rows["loan"])))
    number = part.number * 10**7 + np.arange(len(rows["loan"]))
    day = np.minimum(rows["on"], part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day)
    keep = in_extract(part.calendar, day, known_at)
    rows = take(rows, keep)
    return pa.table(
        {
            "charge_id": arrow.ids("H", number[keep], 12),
            "loan_id": arrow.ids_of("L", rows["loan"], part.loans.number),
            "kind": arrow.words(rows["kind"], KINDS),
            "charged_on": arrow.dates(rows["on"]),
            "amount": arrow.money(rows["amount"]),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", len(rows["loan"])),
        }
    )


def _charged(part: Part, draws: Draws) -> Columns:
    rows = Rows("loan", "kind", "on", "amount")
    late = part.late
    behind = take(late, late["arrears"] > 0)
    interest = np.maximum(cents(behind["arrears"] * PENALTY_A_DAY * 30), 1)
    rows.add(loan=behind["loan"], kind=PENALTY, on=behind["due_on"], amount=interest)
    fee_on = late["due_on"] + FEE_AFTER_DAYS
    unpaid = (late["paid_on"] < 0) | (late["paid_on"] > fee_on) | (late["amount"] < late["owed"])
    loan, fee_on = late["loan"][unpaid], fee_on[unpaid]
    rows.add(loan=loan, kind=LATE_FEE, on=fee_on, amount=FEE)
    waived = draws.chance(0.1, len(loan))
    back_on = (fee_on + draws.whole(1, 20, len(loan)))[waived]
    rows.add(loan=loan[waived], kind=WAIVER, on=back_on, amount=FEE)
    events = part.ledger.events.columns()
    lost = take(events, events["type"] == EVENTS.index("write_off"))
    rows.add(loan=lost["loan"], kind=LEGAL, on=lost["on"], amount=COSTS)
    return rows.columns()
