"""Random account rows: paydays, rent, borrowing, own transfers, two accounts, balances missing or wrong."""

from __future__ import annotations

from datetime import date, timedelta

from random_dice import Dice, signed
from random_schedules import Row
from reading.days import months_before

CATEGORIES = (
    *(None, "salary", "business_income", "transfer", "loan_in", "loan_repayment", "refund", "cash", "essential"),
    *("discretionary", "tax", "securities", "real_estate", "wealth", "gambling", "other"),
)
SIDES = (None, None, "person", "firm", "lender", "own", "related")
FLOWS = (10_000, 20_000, 19_000, 19_001, 21_000, 20_999, 50_000, 300_000, 1)


def cashflow_rows(dice: Dice, borrower_id: str) -> list[Row]:
    """Up to two years of two accounts; none or one row at times."""
    count = dice.one_of(0, 1, 30, 120, 120)
    if not count:
        return []
    first = dice.one_of(-420, -200, -60, 0, 30, 200)
    last = dice.one_of(first, first + 60, 700, 700)
    rows = [_movement(dice, dice.day(first, last)) for _ in range(1 if count == 1 else count)]
    if count > 1:
        rows += _paydays(dice, first, last) + _rents(dice, first, last)
    _balances(dice, rows)
    for place, row in enumerate(rows):
        row |= {"txn_id": f"{borrower_id}T{place}", "borrower_id": borrower_id}
        row |= dice.posted(date.fromisoformat(row["booked_on"]))
    return rows


def _row(dice: Dice, on: date, amount: int, **more: object) -> Row:
    row: Row = {"account_id": dice.one_of("A", "A", "B"), "booked_on": on.isoformat(), "amount": signed(amount)}
    row |= dice.given(0.7, held_here=dice.one_of(True, True, False))
    return row | {name: value for name, value in more.items() if value is not None}


def _movement(dice: Dice, on: date) -> Row:
    amount = dice.some_of(FLOWS) * dice.one_of(1, -1)
    party = dice.one_of(None, "p1", "p2", "p3")
    side = dice.some_of(SIDES)
    return _row(dice, on, amount, category=dice.some_of(CATEGORIES), counterparty_id=party, counterparty_type=side)


def _paydays(dice: Dice, first: int, last: int) -> list[Row]:
    """A salary each month, late or left out at times, from an employer who may change."""
    if dice.chance(0.2):
        return []
    payday, change = dice.day(first, first + 40), dice.one_of(100, 5, 9, 14)
    rows = []
    for place in range((last - first) // 30):
        on = months_before(payday, -place) + timedelta(dice.one_of(0, 0, 0, 0, 1, -2, 12))
        employer = dice.one_of("e1", "e1", None) if place < change else "e2"
        kind = dice.one_of("salary", "salary", "salary", "business_income")
        if dice.chance(0.9):
            rows.append(_row(dice, on, dice.one_of(300_000, 300_000, 280_000), category=kind, counterparty_id=employer))
    return rows


def _rents(dice: Dice, first: int, last: int) -> list[Row]:
    """What goes to the same people again and again, every 25 to 36 days or every week."""
    step, rows = dice.one_of(7, 25, 26, 30, 35, 36), []
    category = dice.one_of("essential", "discretionary", "tax", None, "cash")
    for place in range((last - first) // step):
        on = dice.calendar.base + timedelta(first + place * step)
        amount = dice.one_of(20_000, 20_000, 19_000, 18_999, 21_000, 3_000)
        rows.append(_row(dice, on, -amount, category=category, counterparty_id=dice.one_of("landlord", "shop")))
    return rows


def _balances(dice: Dice, rows: list[Row]) -> None:
    """Running balances of each account, in an order of the rows of a day that nobody knows."""
    shown, balance = dice.one_of(0.0, 0.5, 1.0, 1.0), dict.fromkeys(("A", "B"), dice.one_of(0, 100_000, 1_000_000))
    for row in sorted(rows, key=lambda row: (row["booked_on"], row["amount"])):
        balance[row["account_id"]] += round(100 * float(row["amount"]))
        if dice.chance(shown):
            wrong = dice.one_of(0, 0, 0, 0, 0, 0, 5_000)
            row["balance_after"] = signed(balance[row["account_id"]] + wrong)
