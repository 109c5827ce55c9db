"""Family CASH: paydays, borrowing to pay, unusual spending, money that only passes through."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from math import log1p
from statistics import median

from reading.case import Case
from reading.feed import Feed, amount, inflow, loan_money, outflow, total
from reading.payday import latest_expected, salary_delay, usual_payday
from reading.ratios import ratio
from reading.rows import Row, cents, day_of
from reading.window import Window

COLUMNS = (
    "salary_delay_days",
    "payday_to_due_gap",
    "borrowed_to_pay_share_6m",
    "txn_anomaly_z_1m",
    "pass_through_share_3m",
)


def habits(case: Case, feed: Feed | None) -> dict[str, float | None]:
    if feed is None:
        return dict.fromkeys(COLUMNS)
    by_day = case.settings.precision == "day"
    return {
        "salary_delay_days": salary_delay(feed),
        "payday_to_due_gap": _payday_gap(case, feed) if by_day else None,
        "borrowed_to_pay_share_6m": _borrowed_to_pay(case, feed) if by_day else None,
        "txn_anomaly_z_1m": _anomaly(feed),
        "pass_through_share_3m": _passed_through(feed),
    }


def _payday_gap(case: Case, feed: Feed) -> float | None:
    payday, judged = usual_payday(feed), case.repayment.judged
    if payday is None or not judged:
        return None
    due_on = judged[-1].due.due_on
    return float((due_on - latest_expected(due_on, payday)).days)


def scheduled_by_day(case: Case) -> Counter[date]:
    """Scheduled money of each day, penalties not taken off."""
    money: Counter[date] = Counter()
    for row in case.repayment.loan.scheduled_rows:
        money[day_of(row["paid_on"])] += cents(row["amount"])
    return money


def _borrowed_to_pay(case: Case, feed: Feed) -> float | None:
    window = Window(case.repayment, 6)
    if not (window.observed and feed.observed(6)):
        return None
    paid = {day: money for day, money in scheduled_by_day(case).items() if day in window}
    borrowed = 0
    for day, money in paid.items():
        lent = [row for row in feed.rows if loan_money(row) and _days(row, day) in range(4)]
        borrowed += min(money, total(lent))
    return ratio(borrowed, sum(paid.values())) if paid else None


def _days(row: Row, until: date) -> int:
    return (until - day_of(row["booked_on"])).days


def _usual(row: Row, feed: Feed) -> bool:
    party = row.get("counterparty_id")
    return party is not None and any(
        outflow(other)
        and other.get("counterparty_id") == party
        and 26 <= _days(other, day_of(row["booked_on"])) <= 35
        and 20 * abs(amount(other) - amount(row)) <= abs(amount(row))
        for other in feed.rows
    )


def _anomaly(feed: Feed) -> float | None:
    spending: Counter[int] = Counter()
    for row in feed.rows:
        if outflow(row) and row.get("category") != "loan_repayment" and not _usual(row, feed):
            spending[_days(row, feed.as_of) // 7] += abs(amount(row))
    x = [log1p(spending[week] / 100) for week in range(30)]
    baseline = [
        x[week]
        for week in range(4, 30)
        if spending[week] > 0 and feed.as_of - timedelta(7 * (week + 1)) >= feed.first - timedelta(1)
    ]
    if len(baseline) < 12:
        return None
    middle = median(baseline)
    scale = max(1.4826 * median(abs(value - middle) for value in baseline), 0.25)
    return max((value - middle) / scale for value in x[:4])


def _passed_through(feed: Feed) -> float | None:
    came = feed.window(3, inflow)
    if not feed.observed(3) or not came:
        return None
    left = [row for row in feed.rows if outflow(row) and row.get("category") not in ("essential", "loan_repayment")]
    passed = [row for row in came if row.get("category") != "salary" and any(_answers(out, row) for out in left)]
    return ratio(total(passed), total(came))


def _answers(out: Row, into: Row) -> bool:
    days = -_days(out, day_of(into["booked_on"]))
    return 0 <= days <= 2 and 20 * abs(abs(amount(out)) - amount(into)) <= amount(into)
