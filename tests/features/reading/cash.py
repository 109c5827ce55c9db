"""Family CASH, first half: sums over months and windows."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import sqrt

from reading.case import Case
from reading.cash_habits import habits
from reading.feed import Feed, Kind, feed_of, income, inflow, outflow, salary, spent_on, total
from reading.festival import festival_between
from reading.income import recurring_rows
from reading.liquidity import liquidity
from reading.ratios import DIFFERENCE, LEVEL, NAN, change, held, mean, ratio

WINDOWS = (1, 3, 6)


def cash_family(case: Case) -> dict[str, float]:
    feed = feed_of(case)
    columns = _incomes(case, feed) | _payers(feed) | _spending(feed) | liquidity(case, feed) | habits(case, feed)
    return {name: NAN if value is None else float(value) for name, value in columns.items()}


def _incomes(case: Case, feed: Feed | None) -> dict[str, float | None]:
    names = ("income_mean_3m_to_instalment", "inflow_chg_3v3", "income_chg_3v3", "income_chg_yoy")
    if feed is None:
        return dict.fromkeys((*names, "income_cv_6m", "months_no_income_6m"))
    mean3 = feed.monthly(0, 3, income) if feed.observed(3) else None
    recurring = recurring_rows(feed, 0)
    return {
        names[0]: ratio(mean3, case.repayment.instalment),
        names[1]: change_3v3(feed, inflow),
        names[2]: change_3v3(feed, lambda row: row in recurring),
        names[3]: _year_on_year(case, feed),
    } | _steadiness(feed)


def _steadiness(feed: Feed) -> dict[str, float | None]:
    by_month = [feed.of_month(j, income) for j in feed.months(0, 6)]
    if not feed.observed(6):
        return {"income_cv_6m": None, "months_no_income_6m": None}
    middle = mean(by_month)
    spread = sqrt(mean([(value - middle) ** 2 for value in by_month]))
    return {
        "income_cv_6m": spread / float(middle) if middle else None,
        "months_no_income_6m": float(by_month.count(0)),
    }


def change_3v3(feed: Feed, kind: Kind) -> float:
    if feed.months_observed < 5:
        return NAN
    return change(feed.monthly(0, 3, kind), feed.monthly(3, 3, kind))


def _year_on_year(case: Case, feed: Feed) -> float:
    earlier = 12

    def festive(j: int) -> bool:
        return festival_between(feed.edge(j + 3), feed.edge(j))

    if case.settings.currency == "CNY":
        earlier = next((j for j in (12, 11, 13) if festive(j) == festive(0)), 12)
    if feed.months_observed < 3 or not feed.observed_from(earlier, 3):
        return NAN
    return change(feed.monthly(0, 3, income), feed.monthly(earlier, 3, income))


def _payers(feed: Feed | None) -> dict[str, float | None]:
    if feed is None or not feed.observed(6):
        return {"salary_payer_changed_6m": None, "inflow_hhi_6m": None}

    def payers(newest: int, oldest: int) -> set[object]:
        paid = feed.between(newest, oldest, salary)
        return {row["counterparty_id"] for row in paid if row.get("counterparty_id") is not None}

    now = next((found for j in range(3) if (found := payers(j, j + 1))), None)
    before = payers(3, 6)
    shares: Counter[str] = Counter()
    for row in feed.window(6, inflow):
        if row.get("counterparty_id") is not None:
            shares[row["counterparty_id"]] += total([row])
    whole = sum(shares.values())
    return {
        "salary_payer_changed_6m": float(not now & before) if now and before else None,
        "inflow_hhi_6m": float(sum(Fraction(part, whole) ** 2 for part in shares.values())) if whole else None,
    }


def _spending(feed: Feed | None) -> dict[str, float | None]:
    columns: dict[str, float | None] = {f"net_flow_ratio_{months}m": _net(feed, months) for months in WINDOWS}
    shares = {
        "cash_share_3m": spent_on("cash"),
        "high_risk_spend_share_3m": spent_on("gambling", "securities"),
        "essential_share_3m": spent_on("essential"),
    }
    for name, kind in shares.items():
        seen = feed is not None and feed.observed(3)
        out = total(feed.window(3, outflow)) if feed and seen else 0
        columns[name] = ratio(total(feed.window(3, kind)), out, LEVEL) if feed and out else None
    columns["discretionary_cut_3v3"] = -change_3v3(feed, spent_on("discretionary")) if feed else None
    return columns


def _net(feed: Feed | None, months: int) -> float | None:
    if feed is None or not feed.observed(months):
        return None
    came, went = total(feed.window(months, inflow)), total(feed.window(months, outflow))
    if came == 0:
        return float(DIFFERENCE[0]) if went else None
    return held(Fraction(came - went, came), DIFFERENCE)
