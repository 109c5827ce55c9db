"""The external_debts table: a bureau report per borrower and quarter, one line per debt."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.bureau import CASH_LOAN, DEBT_TYPES, lines
from book.sources.simulate.draws import Draws
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import take

CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
CLASS_FROM_DAYS = (1, 91, 271, 361)


def table(part: Part) -> pa.Table:
    """Lines sorted by borrower, report and line; a report is posted as one."""
    draws = Draws(part.plan.seed, part.number, "table external_debts")
    rows = lines(part, draws)
    rows = take(rows, np.lexsort((rows["line"], rows["month"], rows["who"])))
    report = rows["who"] * 1000 + rows["month"]
    starts = np.flatnonzero(np.diff(report, prepend=-1))
    sizes = np.diff(np.append(starts, len(report)))
    known_at = np.repeat(posted(part.plan, part.calendar, draws, rows["on"][starts]), sizes)
    keep = in_extract(part.calendar, rows["on"], known_at)
    snapshot = np.repeat(part.number * 10**6 + np.arange(len(starts)), sizes)[keep]
    rows, n = take(rows, keep), int(keep.sum())
    class5 = np.searchsorted(CLASS_FROM_DAYS, rows["dpd"], side="right")
    return pa.table(
        {
            "snapshot_id": arrow.ids("S", snapshot, 12),
            "borrower_id": arrow.ids_of("B", rows["who"], part.who.number),
            "line_no": arrow.counts(rows["line"]),
            "report_on": arrow.dates(rows["on"]),
            "lender_id": arrow.ids("C", rows["lender"], 10),
            "lender_kind": arrow.words((rows["type"] == CASH_LOAN).astype(np.int64), ("bank", "other")),
            "is_ours": arrow.flags(rows["ours"]),
            "debt_type": arrow.words(rows["type"], DEBT_TYPES),
            "opened_on": arrow.dates(rows["opened"]),
            "balance": arrow.money(rows["balance"]),
            "limit": arrow.money(rows["limit"], rows["limit"] < 0),
            "instalment": arrow.money(rows["instalment"], rows["instalment"] < 0),
            "maturity_on": arrow.dates(rows["maturity"], rows["maturity"] < 0),
            "dpd": arrow.counts(rows["dpd"]),
            "class5": arrow.words(class5, CLASSES),
            "approval_inquiries_1m": arrow.counts(rows["asked_1m"]),
            "approval_inquiries_3m": arrow.counts(rows["asked_3m"]),
            "approval_inquiries_6m": arrow.counts(rows["asked_6m"]),
            "score": arrow.numbers(rows["score"].astype(np.float64)),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", n),
        }
    )
