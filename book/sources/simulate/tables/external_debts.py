"""The external_debts table: a bureau report per borrower and quarter, one line per debt elsewhere."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.accounts import LENDERS, feed
from book.sources.simulate.draws import Draws, Ints, cents
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Columns, Rows, take

DEBT_TYPES = ("card", "instalment_loan", "cash_loan")
CARD, INSTALMENT_LOAN, CASH_LOAN = range(3)
CASH_LOAN_MONTHS = 12


def table(part: Part) -> pa.Table:
    """Lines sorted by borrower, report and line; reports come at quarter ends while the account feed runs."""
    draws = Draws(part.plan.seed, part.number, "table external_debts")
    rows = _lines(part, draws)
    rows = take(rows, np.lexsort((rows["line"], rows["month"], rows["who"])))
    report = rows["who"] * 1000 + rows["month"]
    starts = np.flatnonzero(np.diff(report, prepend=-1))
    sizes = np.diff(np.append(starts, len(report)))
    known_at = np.repeat(posted(part.plan, part.calendar, draws, rows["on"][starts]), sizes)
    keep = in_extract(part.calendar, rows["on"], known_at)
    snapshot = np.repeat(part.number * 10**6 + np.arange(len(starts)), sizes)[keep]
    rows, n = take(rows, keep), int(keep.sum())
    revolving = rows["type"] == CARD
    return pa.table(
        {
            "snapshot_id": arrow.ids("S", snapshot, 12),
            "borrower_id": arrow.ids_of("B", rows["who"], part.who.number),
            "line_no": arrow.counts(rows["line"]),
            "report_on": arrow.dates(rows["on"]),
            "lender_id": arrow.ids("C", rows["lender"], 10),
            "lender_kind": arrow.words((rows["type"] == CASH_LOAN).astype(np.int64), ("bank", "other")),
            "is_ours": arrow.flags(np.zeros(n)),
            "debt_type": arrow.words(rows["type"], DEBT_TYPES),
            "opened_on": arrow.dates(rows["opened"]),
            "balance": arrow.money(rows["balance"]),
            "limit": arrow.money(rows["limit"], ~revolving),
            "instalment": arrow.money(rows["instalment"], revolving),
            "maturity_on": arrow.dates(rows["maturity"], revolving),
            "dpd": arrow.counts(rows["dpd"]),
            "approval_inquiries_1m": arrow.counts(rows["asked_1m"]),
            "approval_inquiries_3m": arrow.counts(rows["asked_3m"]),
            "approval_inquiries_6m": arrow.counts(rows["asked_6m"]),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", n),
        }
    )


def _lines(part: Part, draws: Draws) -> Columns:
    rows = Rows("who", "month", "on", "line", "lender", "type", "opened", "balance", "limit", "instalment",
                "maturity", "dpd", "asked_1m", "asked_3m", "asked_6m")  # fmt: skip
    months = np.arange(part.plan.months)
    quarter_ends = months[(part.plan.first_month + months) % 3 == 2]
    seen = feed(part)
    limit = cents(part.wallet.base * draws.between(0.5, 2.0, len(part.who)) / 100_000.0) * 100_000
    asked = part.story.strain.new_lenders * 2 + draws.chance(0.06, len(part.who), part.plan.months)
    for t in quarter_ends:
        who = np.flatnonzero((seen.first <= t) & (seen.last >= t))
        header = {
            "month": t,
            "on": part.calendar.starts[t + 1] - 1 - draws.whole(0, 9, len(who)),
            "dpd": _days_past_due(part, t)[who],
            "asked_1m": asked[who, t],
            "asked_3m": asked[who, max(0, t - 2) : t + 1].sum(axis=1),
            "asked_6m": asked[who, max(0, t - 5) : t + 1].sum(axis=1),
        }
        _card(part, rows, draws, who, t, limit, header)
        _usual_debt(part, rows, who, t, header)
        _cash_loans(part, rows, who, t, header)
    return rows.columns()


def _days_past_due(part: Part, t: int) -> Ints:
    """Thirty days for every month in a row, up to t, in which debts elsewhere were not served."""
    short = part.wallet.short_elsewhere[:, : t + 1][:, ::-1]
    run = np.cumprod(short, axis=1).sum(axis=1)
    return np.maximum(30 * run - 12, 0)


def _card(part: Part, rows: Rows, draws: Draws, who: Ints, t: int, limit: Ints, header: dict[str, Ints]) -> None:
    thin = np.clip(1.0 - part.wallet.months["opening"][who, t] / np.maximum(part.wallet.target[who] * 2, 1), 0, 1)
    used = np.clip(0.15 + 0.65 * thin + 0.12 * draws.bell(len(who)), 0.0, 1.0)
    opened = part.calendar.first_day - 400 - part.who.number[who] % 2000
    lender = LENDERS + (part.who.number[who] + 11) % 40
    rows.add(
        who=who, line=1, lender=lender, type=CARD, opened=opened, balance=cents(limit[who] * used),
        limit=limit[who], instalment=0, maturity=0, **header,
    )  # fmt: skip


def _usual_debt(part: Part, rows: Rows, who: Ints, t: int, header: dict[str, Ints]) -> None:
    has = part.wallet.usual_elsewhere[who] > 0
    row, instalment = who[has], part.wallet.usual_elsewhere[who][has]
    term = 72 + part.who.number[row] % 48
    rows.add(
        who=row, line=2, lender=LENDERS + part.who.number[row] % 40, type=INSTALMENT_LOAN,
        opened=part.calendar.first_day - 30 * (part.who.number[row] % 20),
        balance=instalment * np.maximum(term - t, 1), limit=0, instalment=instalment,
        maturity=part.calendar.first_day + 30 * term, **_of(header, has),
    )  # fmt: skip


def _cash_loans(part: Part, rows: Rows, who: Ints, t: int, header: dict[str, Ints]) -> None:
    """One line per loan taken in the last twelve months."""
    borrowed, nth = part.wallet.months["borrowed"], np.cumsum(part.story.strain.new_lenders, axis=1)
    for taken_in in range(max(0, t - CASH_LOAN_MONTHS + 1), t + 1):
        has = borrowed[who, taken_in] > 0
        row = who[has]
        if not len(row):
            continue
        count = nth[row, taken_in]
        left = borrowed[row, taken_in] * (CASH_LOAN_MONTHS - (t - taken_in)) // CASH_LOAN_MONTHS
        rows.add(
            who=row, line=2 + count, lender=LENDERS + 40 + (part.who.number[row] * 3 + count) % 60,
            type=CASH_LOAN, opened=part.calendar.starts[taken_in], balance=left, limit=0,
            instalment=borrowed[row, taken_in] * 2 // CASH_LOAN_MONTHS,
            maturity=part.calendar.starts[taken_in + CASH_LOAN_MONTHS], **_of(header, has),
        )  # fmt: skip


def _of(header: dict[str, Ints], has: np.ndarray) -> dict[str, Ints]:
    return {name: values[has] if np.ndim(values) else values for name, values in header.items()}
