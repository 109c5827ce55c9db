"""Family CASH: balances against the instalment, and money at hand on due dates."""

from __future__ import annotations

from fractions import Fraction
from statistics import median

from reading.account import Balances
from reading.case import Case
from reading.days import DAY
from reading.feed import Feed
from reading.ratios import DIFFERENCE, LEVEL, held, least_squares, mean
from reading.repayment import Judged

COLUMNS = (
    "avg_balance_to_instalment_1m",
    "avg_balance_to_instalment_3m",
    "min_balance_to_instalment_3m",
    "balance_slope_6m",
    "due_liquidity_6n",
    "low_balance_days_3m",
    "overdraft_days_3m",
)


def liquidity(case: Case, feed: Feed | None) -> dict[str, float | None]:
    columns: dict[str, float | None] = dict.fromkeys(COLUMNS)
    if feed is None:
        return columns
    balances, instalment = Balances(feed), case.repayment.instalment
    month, quarter = balances.daily(1), balances.daily(3)
    if quarter:
        columns["overdraft_days_3m"] = sum(balance < 0 for balance in quarter)
    if instalment is not None:
        if month:
            columns["avg_balance_to_instalment_1m"] = held(mean(month) / instalment, LEVEL)
        if quarter:
            columns["avg_balance_to_instalment_3m"] = held(mean(quarter) / instalment, LEVEL)
            columns["min_balance_to_instalment_3m"] = held(Fraction(min(quarter), instalment), LEVEL)
            columns["low_balance_days_3m"] = sum(balance < instalment for balance in quarter)
        columns["balance_slope_6m"] = _slope(feed, balances, instalment)
    if case.settings.precision == "day":
        columns["due_liquidity_6n"] = _at_dues(balances, case.repayment.judged[-6:])
    return columns


def _slope(feed: Feed, balances: Balances, instalment: int) -> float | None:
    ends = [balances.on(feed.edge(j)) for j in range(5, -1, -1)]
    known = [balance for balance in ends if balance is not None]
    return held(least_squares(known) / instalment, DIFFERENCE) if len(known) == 6 else None


def before_due(balances: Balances, judged: list[Judged]) -> list[tuple[Judged, int]]:
    """The judged instalments with a balance known on the day before they were due, and that balance."""
    found = [(one, balances.on(one.due.due_on - DAY)) for one in judged]
    return [(one, balance) for one, balance in found if balance is not None]


def _at_dues(balances: Balances, six: list[Judged]) -> float | None:
    cover = [Fraction(balance, one.due.amount) for one, balance in before_due(balances, six)]
    return held(median(cover), LEVEL) if len(cover) >= 3 else None
