"""Evidence from others: debts elsewhere, use of the money, registers, security, statements, contacts."""

from __future__ import annotations

import numpy as np

from book.clock import local_day
from features.proceeds import borrower_numbers
from reports.loan.evidence.case import Case, Wanted, picked, shown
from reports.loan.known_rows import Known
from reports.loan.rows import RowsView

_LINE = ("report_on", "debt_type", "opened_on", "balance", "instalment", "dpd", "class5")


def latest_report(known: Known) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which lines of the bureau's reports are of the report in hand and not our own."""
    if not known.rows:
        return np.zeros(0, np.bool_)
    kept = known["report_on"] == known["report_on"][-1]
    kept &= known["posted_at"] == known["posted_at"][kept].max()
    return np.asarray(kept & ~(known["is_ours"] == 1) if "is_ours" in known else kept)


def debts(case: Case, wanted: Wanted) -> RowsView:
    """Lines of the report in hand: the largest, or the newest, or the most overdue first."""
    known = case.known("external_debts")
    if not known.rows:
        return RowsView(_LINE, (), 0)
    key = {"newest": "opened_on", "worst": "dpd"}.get(wanted.order, "balance")
    return shown(known, _LINE, latest_report(known), known[key].astype(np.int64), wanted)


def reports(case: Case, wanted: Wanted) -> RowsView:
    """One row a report, latest first: debt elsewhere, lenders, worst days past due, look-ups, the bureau's score."""
    known = case.known("external_debts")
    if not known.rows:
        return RowsView((), (), 0)
    ours = known["is_ours"] == 1 if "is_ours" in known else np.zeros(known.rows, np.bool_)
    days = np.unique(known["report_on"])[::-1]
    rows = []
    for day in days[: wanted.most].tolist():
        of = (known["report_on"] == day) & ~ours
        there = np.flatnonzero(known["report_on"] == day)[-1:]
        header = [known.plain(name, there)[0] for name in ("approval_inquiries_3m", "score")]
        owing = of & (known["balance"] > 0)
        rows.append(
            (
                day,
                int(known["balance"][of].sum()),
                len(np.unique(known["lender_id"][owing])),
                int(known["dpd"][of].max(initial=0)),
                *header,
            )
        )
    return RowsView(("report_on", "debt", "lenders", "dpd", "approval_inquiries_3m", "score"), tuple(rows), len(days))


def payouts(case: Case, wanted: Wanted) -> RowsView:
    """How the loan was paid out."""
    known = case.known("disbursements")
    return shown(known, ("on", "amount", "mode", "payee_type"), np.ones(known.rows, np.bool_), None, wanted)


def trace(case: Case, wanted: Wanted) -> RowsView:
    """Transfers that follow the money, what came back first."""
    known = case.known("fund_trace")
    if not known.rows:
        return RowsView((), (), 0)
    back = returned_rows(case, known)
    order = np.argsort(~back, kind="stable")
    rows = known.table(("on", "amount", "hop", "from_id", "to_id"), order)
    said = ["yes" if one else "no" for one in back[order].tolist()]
    whole = [(*row, one) for row, one in zip(rows, said, strict=True)]
    return picked(("on", "amount", "hop", "from_id", "to_id", "came_back"), whole, wanted.most)


def returned_rows(case: Case, known: Known) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which transfers reach the borrower or a party linked to him on that day, from somebody who is neither."""
    own = int(case.h.once(borrower_numbers)[case.i])
    parties = case.known("parties")
    linked = [(own, -(1 << 30), 1 << 30)]
    if parties.rows:
        ends = [1 << 30 if end is None else int(end) for end in parties.plain("to")]
        linked += list(zip(parties["party_id"].tolist(), parties["from"].tolist(), ends, strict=True))

    def related(person: str) -> list[bool]:
        pairs = zip(known[person].tolist(), known["on"].tolist(), strict=True)
        return [any(one == who and since <= on <= until for one, since, until in linked) for who, on in pairs]

    near = np.isin(known["hop"], (1, 2))
    return np.asarray(near & np.array(related("to_id"), np.bool_) & ~np.array(related("from_id"), np.bool_))


def public(case: Case, wanted: Wanted) -> RowsView:
    """Entries of registers and courts of the kinds wanted."""
    known = case.known("public_events")
    kept = known.among("event_type", *wanted.only.split()) if wanted.only else np.ones(known.rows, np.bool_)
    if known.rows:
        kept &= known["event_on"] > case.since(wanted.months)
    found = shown(known, ("event_on", "event_type", "amount"), kept, None, wanted)
    return RowsView(("event_on", "public_type", "amount"), found.rows, found.of)


def collateral(case: Case, wanted: Wanted) -> RowsView:
    """Valuations of the collateral, latest first."""
    known = case.known("collateral")
    found = shown(known, ("valued_on", "kind", "value", "status"), np.ones(known.rows, np.bool_), None, wanted)
    return RowsView(("valued_on", "kind", "value", "collateral_status"), found.rows, found.of)


def guarantees(case: Case, wanted: Wanted) -> RowsView:
    """Guarantors of the loan."""
    known = case.known("guarantees")
    return shown(known, ("guarantor_id", "from", "to", "cap"), np.ones(known.rows, np.bool_), None, wanted)


def financials(case: Case, wanted: Wanted) -> RowsView:
    """Accounts of the firm, latest first."""
    known = case.known("financials")
    columns = ("period_end", "sales", "total_assets", "total_liabilities", "current_assets", "current_liabilities")
    return shown(known, columns, np.ones(known.rows, np.bool_), None, wanted)


def filings(case: Case, wanted: Wanted) -> RowsView:
    """Tax returns of the firm, latest first."""
    known = case.known("tax_filings")
    columns = ("period_end", "declared_sales", "tax_due", "tax_paid")
    return shown(known, columns, np.ones(known.rows, np.bool_), None, wanted)


def invoices(case: Case, wanted: Wanted) -> RowsView:
    """Sales invoices of the window, the largest first."""
    known = case.known("invoices")
    kept = known.among("direction", "sale")
    if not known.rows:
        return RowsView((), (), 0)
    kept &= known["issued_on"] > case.since(wanted.months)
    return shown(known, ("issued_on", "amount", "direction"), kept, known["amount"], wanted)


def contacts(case: Case, wanted: Wanted) -> RowsView:
    """Attempts to reach the borrower by as_of, or promises to pay, latest first."""
    known = case.known("contacts")
    if not known.rows:
        return RowsView((), (), 0)
    day = local_day(known["at"], case.h.settings.timezone)
    kept = (day <= case.as_of) & (day > case.since(wanted.months))
    if wanted.only == "promises":
        kept &= known.among("outcome", "ptp")
    at = np.flatnonzero(kept)[::-1]
    rest = known.table(("channel", "outcome", "ptp_amount", "ptp_on"), at[: wanted.most])
    rows = [(int(on), *one) for on, one in zip(day[at[: wanted.most]].tolist(), rest, strict=True)]
    return RowsView(("at_day", "channel", "outcome", "ptp_amount", "ptp_on"), tuple(rows), len(at))
