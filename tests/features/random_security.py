"""Random collateral, guarantors, statements of revolving loans, and contacts."""

from __future__ import annotations

from datetime import date, timedelta

from random_dice import Dice
from random_schedules import Row

GUARANTORS = ("g1", "g2", "g3")


def collateral_rows(dice: Dice, loan_id: str, disbursed_on: date) -> list[Row]:
    rows = []
    for place in range(dice.number(0, 3)):
        for days in sorted({dice.one_of(-300, -10, 0, 200, 365, 500) for _ in range(dice.number(1, 3))}):
            on = disbursed_on + timedelta(days)
            row: Row = {"collateral_id": f"{loan_id}K{place}", "loan_id": loan_id, "valued_on": on.isoformat()}
            row |= {"kind": "flat", "value": dice.money(0, 100_000, 250_000), "lien_rank": dice.number(1, 2)}
            row["status"] = dice.one_of("ok", "ok", "ok", "disposed", "seized")
            rows.append(row | dice.posted(on))
    return rows


def guarantee_rows(dice: Dice, loan_id: str, disbursed_on: date) -> list[Row]:
    rows = []
    for guarantor_id in GUARANTORS[: dice.number(0, 3)]:
        on = disbursed_on + timedelta(dice.one_of(-20, 0, 0, 100))
        row: Row = {"loan_id": loan_id, "guarantor_id": guarantor_id, "from": on.isoformat()}
        row |= dice.given(0.4, to=(on + timedelta(dice.one_of(0, 200, 400))).isoformat())
        rows.append(row | dice.posted(on))
    return rows


def balance_rows(dice: Dice, loan_id: str, disbursed_on: date) -> list[Row]:
    """A row a month, with a statement at most times; months left out."""
    rows, step = [], dice.one_of(30, 31, 31, 62)
    for place in range(700 // step):
        on = disbursed_on + timedelta(place * step + dice.one_of(0, 0, 0, 1, 3))
        row: Row = {"loan_id": loan_id, "as_on": on.isoformat(), "principal": dice.money(0, 50_000, 90_000, 120_000)}
        row |= dice.given(
            0.7,
            limit=dice.money(0, 100_000, 100_000),
            undrawn=dice.money(0, 50_000),
            min_due=dice.money(0, 5_000, 10_000),
            statement_balance=dice.money(0, 10_000, 50_000, 5_100),
        )
        if dice.chance(0.9):
            rows.append(row | dice.posted(on))
    return rows


def contact_rows(dice: Dice, loan_id: str, start: date) -> list[Row]:
    """Calls at all hours, some at the same moment, some of them with a promise."""
    rows: list[Row] = []
    for place in range(dice.one_of(0, 1, 12, 30)):
        on = start + timedelta(dice.number(0, 600))
        at = f"{on.isoformat()}T{dice.one_of(3, 17, 23):02d}:30:00+00:00"
        if rows and dice.chance(0.2):
            at, on = rows[-1]["at"], date.fromisoformat(rows[-1]["at"][:10])
        row: Row = {"contact_id": f"{loan_id}N{place}", "loan_id": loan_id, "at": at, "agent_type": "person"}
        row |= {"contact_point_id": dice.one_of("n1", "n1", "n2"), "channel": "call"}
        row |= {"direction": dice.one_of("out", "out", "out", "in")}
        row["outcome"] = dice.one_of("reached", "no_answer", "ptp", "ptp", "refused", "invalid")
        promised = on + timedelta(dice.one_of(0, 3, 7, 30))
        row |= dice.given(0.7, ptp_on=promised.isoformat(), ptp_amount=dice.money(0, 100, 10_000, 10_100))
        rows.append(row | dice.posted(on + timedelta(1)))
    return rows
