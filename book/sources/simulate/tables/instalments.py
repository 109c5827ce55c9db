"""The instalments table: every version of every schedule."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.draws import Draws
from book.sources.simulate.extract import MOST_LATE_DAYS, posted_at
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import take


def table(part: Part) -> pa.Table:
    """Schedule rows sorted by loan, version and number.

    A version is posted as one, the first with the loan; a credit line's statements one by one.
    """
    rows = part.ledger.instalments.columns()
    order = np.lexsort((rows["no"], rows["version"], rows["loan"]))
    rows = take(rows, order)
    piece = (rows["loan"] * 100 + rows["version"]) * 100 + rows["no"] * part.ledger.line[rows["loan"]]
    starts = np.flatnonzero(np.diff(piece, prepend=-1))
    sizes = np.diff(np.append(starts, len(rows["loan"])))
    draws = Draws(part.plan.seed, part.number, "table instalments")
    issued = rows["valid_from"][starts]
    issued = np.minimum(issued, part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, issued, MOST_LATE_DAYS)
    first, with_loan = rows["version"][starts] == 1, posted_at(part)[rows["loan"][starts]]
    known_at = np.where(first & ~part.ledger.line[rows["loan"][starts]], with_loan, np.maximum(known_at, with_loan))
    keep = np.repeat(in_extract(part.calendar, issued, known_at), sizes)
    known_at = np.repeat(known_at, sizes)[keep]
    rows = take(rows, keep)
    n = len(known_at)
    return pa.table(
        {
            "loan_id": arrow.ids_of("L", rows["loan"], part.loans.number),
            "instalment_no": arrow.counts(rows["no"]),
            "schedule_version": arrow.counts(rows["version"]),
            "valid_from": arrow.dates(rows["valid_from"]),
            "due_on": arrow.dates(rows["due_on"]),
            "principal_due": arrow.money(rows["principal"]),
            "interest_due": arrow.money(rows["interest"]),
            "fee_due": arrow.money(np.zeros(n, np.int64)),
            "posted_at": arrow.stamps(known_at),
            "source": arrow.constant("simulator", n),
        }
    )
