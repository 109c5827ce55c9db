"""Family WILL, column by column."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from reading.account import Balances
from reading.case import Case
from reading.cash_habits import scheduled_by_day
from reading.external import Reports, not_ours
from reading.feed import feed_of
from reading.liquidity import before_due
from reading.ratios import NAN
from reading.rows import Row, cents, day_of
from reading.window import Window

SPOKEN = ("reached", "ptp", "refused")
MONTH_OF_GRACE = 30


def willing_family(case: Case) -> dict[str, float]:
    return {"late_when_liquid_rate_12n": _late_when_liquid(case), "selective_default": _selective(case)} | _contacts(
        case
    )


def _late_when_liquid(case: Case) -> float:
    feed = feed_of(case)
    if feed is None or case.settings.precision == "month":
        return NAN
    known = before_due(Balances(feed), case.repayment.judged[-12:])
    liquid = [one for one, balance in known if balance >= one.due.amount]
    if len(known) < 6 or not liquid:
        return NAN
    return sum(one.days_late > 0 for one in liquid) / len(liquid)


def _selective(case: Case) -> float:
    rows = case.of_borrower("external_debts")
    dpd = case.repayment.dpd(case.as_of)
    if rows is None:
        return NAN
    if dpd == 0:
        return 0.0
    reports = Reports(case, rows)
    if reports.in_hand is None:
        return NAN
    lines = not_ours(reports.in_hand)
    early = reports.latest_on < case.as_of - timedelta(dpd - MONTH_OF_GRACE)
    if early or not any(cents(line["balance"]) > 0 for line in lines):
        return NAN
    return float(not any(line["dpd"] > 0 for line in lines))


def _contacts(case: Case) -> dict[str, float]:
    names = ("ptp_broken_6m", "ptp_kept_rate_6m", "reach_rate_3m", "contact_invalid", "phone_changed_6m")
    rows = case.of_loan("contacts")
    if rows is None:
        return dict.fromkeys(names, NAN)
    return _promises(case, rows) | {
        "reach_rate_3m": _reached(case, rows),
        "contact_invalid": _invalid(rows),
        "phone_changed_6m": _phone_changed(case, rows),
    }


def _promises(case: Case, rows: list[Row]) -> dict[str, float]:
    def due(row: Row) -> bool:
        promised = row["outcome"] == "ptp" and row.get("ptp_on")
        return bool(promised) and case.edge(6) < day_of(row["ptp_on"]) < case.as_of

    kept = [_kept(case, row) for row in rows if due(row)]
    seen = Window(case.repayment, 6).observed
    return {
        "ptp_broken_6m": float(kept.count(False)) if seen else NAN,
        "ptp_kept_rate_6m": sum(kept) / len(kept) if seen and kept else NAN,
    }


def _kept(case: Case, row: Row) -> bool:
    first, last = case.day("contacts", row), day_of(row["ptp_on"])
    paid = sum(money for day, money in scheduled_by_day(case).items() if first <= day <= last)
    return paid > 0 and paid >= cents(row.get("ptp_amount")) - case.settings.tolerance


def _outgoing(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["direction"] != "in"]


def _reached(case: Case, rows: list[Row]) -> float:
    window = Window(case.repayment, 3)
    tried = [row for row in _outgoing(rows) if case.day("contacts", row) in window]
    return sum(row["outcome"] in SPOKEN for row in tried) / len(tried) if tried and window.observed else NAN


def _invalid(rows: list[Row]) -> float:
    tried = _outgoing(rows)
    if not tried:
        return NAN
    latest = max(_moment(row) for row in tried)
    return float(any(row["outcome"] == "invalid" for row in tried if _moment(row) == latest))


def _moment(row: Row) -> datetime:
    return datetime.fromisoformat(row["at"])


def _phone_changed(case: Case, rows: list[Row]) -> float:
    window = Window(case.repayment, 6)
    days: list[date] = [case.day("contacts", row) for row in rows]
    now = {row["contact_point_id"] for row, day in zip(rows, days, strict=True) if day == max(days)}
    before = {row["contact_point_id"] for row, day in zip(rows, days, strict=True) if day <= case.edge(6)}
    if not (window.observed and before and days and max(days) in window):
        return NAN
    return float(not now & before)
