"""The tax_filings table: quarterly returns of firms."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.business import business
from book.sources.simulate.draws import Draws, cents
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted

RATE = 0.03
FILED_AFTER_DAYS = (10, 25)
GRADES = ("A", "B", "C", "D")
BEFORE_DAYS = 800  # how far back the returns go that a firm brings along


def table(part: Part) -> pa.Table:
    """Returns sorted by firm and quarter; past ones come with the first loan."""
    firms, draws = business(part), Draws(part.plan.seed, part.number, "table tax_filings")
    month = np.arange(firms.sales.shape[1])
    ends = month[(part.plan.first_month + month) % 3 == 2]  # the lead is a whole number of quarters
    ends = ends[ends >= 2]
    quarter = firms.sales[:, ends] + firms.sales[:, ends - 1] + firms.sales[:, ends - 2]
    firm, at = np.nonzero(quarter >= 0)
    n, period_end = len(firm), firms.month_end(part, ends)[at]
    declared = cents(quarter[firm, at] * draws.between(0.94, 1.0, n))
    due, distress = cents(declared * RATE), firms.distress[firm, ends[at]]
    unpaid = np.where(draws.uniform(n) < 0.9 * distress, draws.between(0.3, 1.0, n), 0.0)
    unpaid = np.where(draws.chance(0.01, n), draws.between(0.05, 0.5, n), unpaid)
    filed = period_end + draws.whole(*FILED_AFTER_DAYS, n)
    known = np.minimum(np.maximum(filed, firms.known_from[firm]), part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, known)
    grade = np.clip(np.floor(4.0 * distress) + draws.whole(0, 1, n), 0, 3).astype(np.int64)
    keep = in_extract(part.calendar, np.maximum(known, filed), known_at)
    keep &= period_end > firms.known_from[firm] - BEFORE_DAYS
    rows = pa.table(
        {
            "borrower_id": arrow.ids_of("B", firms.who[firm], part.who.number),
            "period_end": arrow.dates(period_end),
            "declared_sales": arrow.money(declared),
            "tax_due": arrow.money(due),
            "tax_paid": arrow.money(cents(due * (1.0 - unpaid))),
            "grade": arrow.words(grade, GRADES),
            "posted_at": arrow.stamps(known_at),
            "source": arrow.constant("simulator", n),
        }
    )
    return rows.filter(pa.array(keep))
