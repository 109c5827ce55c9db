"""The payments table: money received, failed debits, reversals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.draws import Draws, Ints
from book.sources.simulate.ledger import (
    FAIL_REASONS,
    METHODS,
    PAYERS,
    POSTED,
    PURPOSES,
    STATUSES,
)
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Columns, take


def table(part: Part) -> pa.Table:
    """Payment rows sorted by loan and day; a reversal is posted after the row that it reverses."""
    rows = dict(part.received)
    rows["number"] = part.number * 10**7 + np.arange(len(rows["loan"]))
    draws = Draws(part.plan.seed, part.number, "table payments")
    day = np.minimum(rows["on"], part.calendar.last_day + 1)
    known_at = _after_original(rows, posted(part.plan, part.calendar, draws, day))
    keep = in_extract(part.calendar, day, known_at)
    kept, known_at = take(rows, keep), known_at[keep]
    n = len(known_at)
    reverses = rows["number"][kept["reverses"]]
    is_split = (kept["interest"] >= 0) & (kept["status"] == POSTED)
    principal = np.where(is_split, kept["amount"] - kept["interest"], 0)
    return pa.table(
        {
            "payment_id": arrow.ids("P", kept["number"], 12),
            "loan_id": arrow.ids_of("L", kept["loan"], part.loans.number),
            "paid_on": arrow.dates(kept["on"]),
            "date_precision": arrow.constant("day", n),
            "amount": arrow.money(kept["amount"]),
            "purpose": arrow.words(kept["purpose"], PURPOSES),
            "payer": arrow.words(kept["payer"], PAYERS),
            "principal": arrow.money(principal, ~is_split),
            "interest": arrow.money(np.maximum(kept["interest"], 0), ~is_split),
            "method": arrow.words(kept["method"], METHODS),
            "status": arrow.words(kept["status"], STATUSES),
            "fail_reason": arrow.words(kept["reason"], FAIL_REASONS),
            "reverses_id": arrow.ids("P", reverses, 12, kept["reverses"] < 0),
            "posted_at": arrow.stamps(known_at),
            "source": arrow.constant("simulator", n),
        }
    )


def _after_original(rows: Columns, known_at: Ints) -> Ints:
    """A reversal is never known before its original."""
    original = np.where(rows["reverses"] >= 0, known_at[rows["reverses"]], 0)
    return np.maximum(known_at, original)
