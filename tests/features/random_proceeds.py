"""Random payouts, traces of the money, and people who belong together."""

from __future__ import annotations

from datetime import date, timedelta

from random_dice import Dice
from random_schedules import Row

DAYS = (0, 0, 1, 30, 60, 89, 90, 91, 120)


def disbursement_rows(dice: Dice, loan_id: str, disbursed_on: date) -> list[Row]:
    rows = []
    for place in range(dice.one_of(0, 1, 3)):
        on = disbursed_on + timedelta(dice.some_of(DAYS))
        row: Row = {"disbursement_id": f"{loan_id}D{place}", "loan_id": loan_id, "on": on.isoformat()}
        row |= {"amount": dice.money(20_000, 50_000, 100_000), "mode": dice.one_of("entrusted", "self")}
        row["payee_type"] = dice.one_of("person", "firm", "own")
        rows.append(row | dice.given(0.7, payee_id="p1") | dice.posted(on))
    return rows


def fund_trace_rows(dice: Dice, loan_id: str, borrower_id: str, disbursed_on: date) -> list[Row]:
    rows, people = [], ("p1", "p2", "friend", borrower_id)
    for place in range(dice.one_of(0, 1, 6)):
        on = disbursed_on + timedelta(dice.some_of(DAYS))
        row: Row = {"trace_id": f"{loan_id}F{place}", "loan_id": loan_id, "on": on.isoformat()}
        row |= {"hop": dice.one_of(0, 1, 1, 2, 2, 3), "amount": dice.money(10_000, 30_000, 1)}
        row |= {"from_id": dice.some_of(people), "to_id": dice.some_of(people)}
        rows.append(row | dice.posted(on))
    return rows


def party_rows(dice: Dice, borrower_id: str) -> list[Row]:
    rows = []
    for party_id in ("friend", "p2", "nobody")[: dice.number(0, 3)]:
        for relation in ("family", "owner")[: dice.number(1, 2)]:
            on = dice.day(-50, 60)
            row: Row = {"borrower_id": borrower_id, "party_id": party_id, "relation": relation}
            row |= {"from": on.isoformat()} | dice.given(0.4, to=(on + timedelta(dice.one_of(0, 30, 60))).isoformat())
            rows.append(row | dice.posted(on))
    return rows
