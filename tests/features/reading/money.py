"""The money that meets dues, day by day, after penalties have taken their part."""

from __future__ import annotations

from collections import Counter
from datetime import date

from reading.days import each_day
from reading.loan import Due, Loan
from reading.rows import cents, day_of

PENALTIES = {"penalty_interest", "late_fee"}


def money_by_day(loan: Loan) -> Counter[date]:
    """Scheduled money of each day, less what went to penalties first. Minor units."""
    split: Counter[date] = Counter()
    unsplit: Counter[date] = Counter()
    for row in loan.scheduled_rows:
        kind = unsplit if row.get("purpose") is None else split
        kind[day_of(row["paid_on"])] += cents(row["amount"])
    money: Counter[date] = Counter()
    to_penalty = 0
    for day in sorted({*split, *unsplit}):
        before = sum(money.values())
        money[day] = split[day] + unsplit[day]
        if unsplit[day] and late(loan, day, before):
            due = sum(due.amount for due in loan.schedule(day) if due.due_on <= day)
            excess = min(unsplit[day], before + money[day] - due)
            taken = max(0, min(excess, penalties_open(loan, day) - to_penalty))
            to_penalty += taken
            money[day] -= taken
    return money


def penalties_open(loan: Loan, day: date) -> int:
    """Penalties and late fees charged up to the day, less waivers and payments made for them."""
    total = 0
    for row in loan.charges:
        if day_of(row["charged_on"]) <= day:
            sign = 1 if row["kind"] in PENALTIES else -1 if row["kind"] == "waiver" else 0
            total += sign * cents(row["amount"])
    for row in loan.money_rows:
        if row.get("purpose") in ("penalty", "fee") and day_of(row["paid_on"]) <= day:
            total -= cents(row["amount"])
    return total


def short(loan: Loan, due: Due, owed: int, money: int) -> bool:
    """Is more than the tolerance missing of the cumulative due up to this instalment?"""
    return owed - money > loan.tolerance(due)


def oldest_short(loan: Loan, day: date, money: int) -> Due | None:
    """The earliest instalment due before the day that this much money does not reach."""
    owed = 0
    for due in loan.schedule(day):
        owed += due.amount
        if due.due_on < day and due.amount > 0 and short(loan, due, owed, money):
            return due
    return None


def late(loan: Loan, day: date, money: int) -> bool:
    return oldest_short(loan, day, money) is not None


def money_by_end_of(loan: Loan, money: Counter[date]) -> dict[date, int]:
    """Cumulative scheduled money at the end of each day from the start to as_of."""
    total, by_day = 0, {}
    for day in each_day(loan.start, loan.as_of):
        total += money[day]
        by_day[day] = total
    return by_day
