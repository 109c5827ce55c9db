"""Random bureau reports: several lines, our own among them, several reports a day, long gaps."""

from __future__ import annotations

from datetime import date, timedelta

from random_dice import Dice
from random_schedules import Row
from reading.days import months_before


def external_debt_rows(dice: Dice, borrower_id: str) -> list[Row]:
    rows: list[Row] = []
    step, on = dice.one_of(30, 30, 90, 100), dice.one_of(-400, -100, 0, 20)
    while on < 700 and dice.chance(0.95):
        day = dice.calendar.base + timedelta(on)
        for _ in range(dice.one_of(1, 1, 1, 2)):
            rows += _report(dice, borrower_id, f"{borrower_id}S{len(rows)}", day)
        on += step + dice.one_of(0, 0, 0, 1, -3)
    return rows


def _report(dice: Dice, borrower_id: str, snapshot_id: str, on: date) -> list[Row]:
    posted = dice.posted(on)
    header = dice.given(
        0.7,
        approval_inquiries_1m=dice.number(0, 3),
        approval_inquiries_3m=dice.number(0, 5),
        approval_inquiries_6m=dice.number(0, 9),
        score=float(dice.one_of(600, 612, 655.5)),
    )
    keys = {"snapshot_id": snapshot_id, "borrower_id": borrower_id, "report_on": on.isoformat()}
    return [keys | {"line_no": number} | header | _line(dice, on) | posted for number in range(dice.one_of(1, 1, 2, 4))]


def _line(dice: Dice, on: date) -> Row:
    line: Row = {
        "lender_id": dice.one_of("bank", "shop", "friend"),
        "debt_type": "loan",
        "opened_on": months_before(on, dice.one_of(0, 1, 3, 6, 12)).isoformat(),
        "balance": dice.money(0, 50_000, 50_000, 1_000_000, 99_999),
        "dpd": dice.one_of(0, 0, 0, 1, 40, 90, 91),
    }
    if dice.chance(0.2):
        line["opened_on"] = (on + timedelta(dice.one_of(-20, -1, 1))).isoformat()
    maturity = months_before(on, -dice.one_of(1, 12, 12, 24)) + timedelta(dice.one_of(0, 0, 1))
    return line | dice.given(
        0.6,
        is_ours=dice.one_of(True, False, False),
        limit=dice.money(0, 50_000, 200_000),
        instalment=dice.money(0, 10_000, 5_000),
        maturity_on=maturity.isoformat(),
    )
