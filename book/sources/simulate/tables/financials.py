"""The financials table: accounts of firms at the end of each half-year, over the twelve months up to it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.business import Business, business
from book.sources.simulate.draws import Draws, Ints, cents
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted

READY_AFTER_DAYS = (25, 58)
BEFORE_DAYS = 600
MARGIN, COST_OF_DEBT = 0.12, 0.09


def table(part: Part) -> pa.Table:
    """Accounts sorted by firm and period; those of earlier years come with the first loan."""
    firms, draws = business(part), Draws(part.plan.seed, part.number, "table financials")
    month = np.arange(firms.sales.shape[1])
    ends = month[(part.plan.first_month + month) % 6 == 5]  # June and December
    ends = ends[ends >= 11]
    firm, at = np.nonzero(np.ones((len(firms.who), len(ends)), np.bool_))
    period_end = firms.month_end(part, ends)[at]
    ready = period_end + draws.whole(*READY_AFTER_DAYS, len(firm))
    known = np.minimum(np.maximum(ready, firms.known_from[firm]), part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, known)
    keep = in_extract(part.calendar, np.maximum(known, ready), known_at)
    keep &= period_end > firms.known_from[firm] - BEFORE_DAYS
    figures = _figures(part, firms, draws, firm, ends[at])
    rows = pa.table(
        {
            "borrower_id": arrow.ids_of("B", firms.who[firm], part.who.number),
            "period_end": arrow.dates(period_end),
            **{name: arrow.money(amount) for name, amount in figures.items()},
            "posted_at": arrow.stamps(known_at),
            "source": arrow.constant("simulator", len(firm)),
        }
    )
    return rows.filter(pa.array(keep))


def _figures(part: Part, firms: Business, draws: Draws, firm: Ints, end: Ints) -> dict[str, Ints]:
    """A year's sales and what follows from them; a firm in decline waits for its money and lives on credit."""
    running = np.cumsum(firms.sales, axis=1)
    sales = running[firm, end] - np.where(end >= 12, running[firm, np.maximum(end - 12, 0)], 0)
    n, distress, base = len(firm), firms.distress[firm, end], part.who.income[firms.who[firm]] * 12
    lasting = draws.between(0.9, 1.1, len(firms.who))[firm]  # what a firm's accounts have in common over the years
    ebit = cents(sales * (MARGIN * lasting + draws.between(-0.02, 0.02, n)) - 0.30 * distress * sales)
    receivables = cents(sales * (45.0 + 90.0 * distress) / 365.0 * lasting * draws.between(0.9, 1.1, n))
    current_assets = receivables + cents(base * part.who.buffer[firms.who[firm]] / 12.0 * (1.0 - 0.6 * distress))
    current_assets = current_assets + cents(base * 0.08 * lasting)
    current_liabilities = cents(base * (0.09 * lasting + 0.14 * distress) * draws.between(0.9, 1.1, n))
    assets = current_assets + cents(base * 0.30 * lasting)
    liabilities = current_liabilities + cents(base * 0.22 * lasting)
    return {
        "sales": sales,
        "operating_cashflow": cents(ebit * 0.8 - 0.2 * distress * sales),
        "total_assets": assets,
        "total_liabilities": liabilities,
        "current_assets": current_assets,
        "current_liabilities": current_liabilities,
        "receivables": receivables,
        "interest_expense": cents(liabilities * COST_OF_DEBT),
        "ebit": ebit,
        "equity": assets - liabilities,
    }
