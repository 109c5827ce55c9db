"""The collateral table: cars and machines, valued at payout and about once a year."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.draws import Draws, Ints, cents
from book.sources.simulate.extract import listed
from book.sources.simulate.lending import PLEDGED, VEHICLE
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Columns, Rows, take
from book.sources.simulate.snapshots import OFF_BOOK

STATES = ("ok", "disposed", "seized", "disputed")
OK, _, SEIZED, _ = range(4)
FADES_A_MONTH = 0.984  # a thing loses a sixth of its value in a year
VALUED_EVERY = 12  # months; those in arrears are looked at sooner
SEIZED_AFTER = 120  # days past due


def table(part: Part) -> pa.Table:
    """Valuations sorted by loan and day, one thing per loan."""
    draws = Draws(part.plan.seed, part.number, "table collateral")
    rows = _valuations(part, draws)
    rows = take(rows, np.lexsort((rows["on"], rows["loan"])))
    day = np.minimum(rows["on"], part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day)
    keep = in_extract(part.calendar, day, known_at)
    rows = take(rows, keep)
    return pa.table(
        {
            "collateral_id": arrow.ids_of("G", rows["loan"], part.loans.number),
            "loan_id": arrow.ids_of("L", rows["loan"], part.loans.number),
            "kind": arrow.words(
                (part.loans.guarantee[rows["loan"]] != VEHICLE).astype(np.int64), ("vehicle", "equipment")
            ),
            "valued_on": arrow.dates(rows["on"]),
            "value": arrow.money(rows["value"]),
            "lien_rank": arrow.counts(np.ones(len(rows["on"]), np.int64)),
            "status": arrow.words(rows["status"], STATES),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", len(rows["on"])),
        }
    )


def _valuations(part: Part, draws: Draws) -> Columns:
    """At payout, then in the month of the anniversary, after a fall in value, and after three months of arrears."""
    loan = np.flatnonzero(np.isin(part.loans.guarantee, PLEDGED) & listed(part))
    n, months = len(loan), part.plan.months
    value = cents(part.loans.principal[loan] * draws.between(1.15, 1.7, n) / 10_000.0) * 10_000
    pledge = part.story.strain.pledge[part.loans.borrower[loan]]
    noise, turn = draws.between(0.95, 1.05, n, months), draws.whole(0, VALUED_EVERY - 1, n)
    rows = Rows("loan", "on", "value", "status")
    rows.add(loan=loan, on=part.ledger.disbursed_on[loan], value=value, status=OK)
    worth = value * np.ones(n)
    look = draws.chance(0.3, n, months)
    for t in range(months):
        worth = np.where(part.loans.month[loan] < t, worth * FADES_A_MONTH, worth)
        late = part.month_ends.days_past_due[loan, t]
        on_book = (part.month_ends.principal[loan, t] != OFF_BOOK) & (part.loans.month[loan] < t)
        fell = (pledge[:, t] < pledge[:, max(t - 4, 0)]) & look[:, t]
        valued = on_book & (((t - turn) % VALUED_EVERY == 0) | fell | ((late > 90) & look[:, t]))
        at = np.flatnonzero(valued)
        seized = np.where(late[at] > SEIZED_AFTER, SEIZED, OK)
        rows.add(
            loan=loan[at], on=_day(part, t, at), value=cents(worth * pledge[:, t] * noise[:, t])[at], status=seized
        )
    return rows.columns()


def _day(part: Part, t: int, at: Ints) -> Ints:
    return part.calendar.starts[t + 1] - 1 - at % 7
