"""What came of a loan: cases worked by hand, and laws that hold for any book."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book.clock import end_of_day
from book.errors import Refusal
from book.request.rows import tables_from_rows
from book.settings import Settings
from book.tables import MISSING_DAY, Tables
from monitoring.outcome import Outcomes, outcomes
from monitoring.target import STATES, Target, target_names

CASES = [
    case
    for name in ("default", "deteriorate", "roll")
    for case in tomllib.loads((Path(__file__).parent / "golden" / f"{name}.toml").read_text("utf-8"))["case"]
]
PAID_OUT = date(2022, 12, 20)
Rows = dict[str, list[dict[str, Any]]]


def rows_of(case: Mapping[str, Any]) -> Rows:
    """The tables of a case, as a request writes them."""
    dues = [date(2023 + month // 12, month % 12 + 1, 15) for month in range(24)]
    paid = [no for no in range(1, case.get("stops_with", 25)) if no not in case.get("misses", [])]
    payments = [{"on": dues[no - 1], "amount": 1000} for no in paid] + case.get("payments", [])
    rows: Rows = {
        "loans": [loan("L1", PAID_OUT)],
        "instalments": [due("L1", no, on, PAID_OUT) for no, on in enumerate(dues, 1)],
        "payments": [payment(no, row) for no, row in enumerate(payments, 1)],
        "loan_events": [event(no, row) for no, row in enumerate(case.get("events", []), 1)],
    }
    if on := case.get("new_loan_on"):
        rows["loans"].append(loan("L2", on) | {"refinances_loan_id": "L1"})
        first = date(on.year, on.month + 1, 15)
        rows["instalments"].append(due("L2", 1, first, on) | {"principal_due": "24000.00"})
    return rows


def loan(loan_id: str, paid_out: date) -> dict[str, Any]:
    return {
        "loan_id": loan_id,
        "borrower_id": "B1",
        "product": "instalment loan",
        "borrower_type": "person",
        "currency": "CNY",
        "principal": "24000.00",
        "annual_rate": 0.0,
        "disbursed_on": paid_out.isoformat(),
        "maturity_on": "2024-12-15",
        "repayment_type": "annuity",
    }


def due(loan_id: str, number: int, on: date, valid_from: date) -> dict[str, Any]:
    return {
        "loan_id": loan_id,
        "instalment_no": number,
        "schedule_version": 1,
        "valid_from": valid_from.isoformat(),
        "due_on": on.isoformat(),
        "principal_due": "1000.00",
        "interest_due": "0.00",
        "fee_due": "0.00",
    }


def payment(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in row.items() if name not in ("on", "amount")}
    paid = {"payment_id": f"P{number}", "loan_id": "L1", "paid_on": row["on"].isoformat()}
    return paid | {"amount": f"{row['amount']}.00", "status": "posted"} | given


def event(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in row.items() if name not in ("on", "posted")}
    made = {"event_id": f"E{number}", "loan_id": "L1", "event_on": row["on"].isoformat()} | given
    return made | ({"posted_at": f"{row['posted']}T04:00:00+00:00"} if "posted" in row else {})


def settings_of(case: Mapping[str, Any]) -> Settings:
    return Settings() if case.get("arrears_mean_default", True) else replace(Settings(), default_dpd=None)


def day(when: date) -> int:
    return (when - date(1970, 1, 1)).days


def judged(case: Mapping[str, Any], tables: Tables, as_of: list[date], target: Target | None = None) -> Outcomes:
    settings = settings_of(case)
    cutoff = int(end_of_day(np.array([day(case.get("records_to", date(2024, 12, 31)))]), settings.timezone)[0])
    days = np.array([day(one) for one in as_of], np.int32)
    wanted = target or Target.named(case.get("target", "default_12m"), settings, case.get("horizon"))
    return outcomes(tables, np.zeros(len(days), np.int32), days, wanted, cutoff, settings)


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_the_outcome_is_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    found = judged(case, tables_from_rows(rows_of(case), settings_of(case)), [case["as_of"]])
    expect = case["expect"]
    assert STATES[found.state[0]] == expect["state"], case["why"]
    assert np.nan_to_num(found.y[0], nan=-1) == expect.get("y", -1), case["why"]
    event_on = day(expect["event_on"]) if "event_on" in expect else MISSING_DAY
    assert found.event_on[0] == event_on, case["why"]


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_an_observation_alone_ends_as_among_others(case: Mapping[str, Any]) -> None:
    tables = tables_from_rows(rows_of(case), settings_of(case))
    days = [date(2023, month, 28) for month in range(4, 8)]
    together = judged(case, tables, days)
    alone = [judged(case, tables, [one]) for one in days]
    assert together.state.tolist() == [one.state[0] for one in alone]
    assert together.event_on.tolist() == [one.event_on[0] for one in alone]


def test_a_longer_horizon_never_loses_an_event() -> None:
    case = {"stops_with": 9}
    tables = tables_from_rows(rows_of(case), Settings())
    days = [date(2023, month, 28) for month in range(3, 9)]
    events = [judged(case, tables, days, Target(horizon)).y == 1 for horizon in (3, 6, 12)]
    assert np.all(events[0] <= events[1])
    assert np.all(events[1] <= events[2])


def test_an_event_of_one_loan_of_a_large_firm_is_one_of_all() -> None:
    rows = rows_of({"stops_with": 7})
    for row in rows["loans"]:
        row |= {"borrower_type": "firm", "firm_size": "other"}
    rows["loans"].append(rows["loans"][0] | {"loan_id": "L2"})
    rows["instalments"] += [row | {"loan_id": "L2"} for row in rows["instalments"]]
    paid = [payment(100 + n, {"on": date.fromisoformat(row["due_on"]), "amount": 1000}) | {"loan_id": "L2"}
            for n, row in enumerate(rows["instalments"][:24])]  # fmt: skip
    rows["payments"] += paid
    tables = tables_from_rows(rows, Settings())
    cutoff = int(end_of_day(np.array([day(date(2024, 12, 31))]), "Asia/Shanghai")[0])
    days = np.full(2, day(date(2023, 6, 30)), np.int32)
    found = outcomes(tables, np.array([0, 1], np.int32), days, Target(), cutoff, Settings())
    assert [STATES[state] for state in found.state] == ["event", "event"]
    assert found.event_on.tolist() == [day(date(2023, 10, 14))] * 2


def test_a_horizon_that_is_not_offered_is_refused() -> None:
    with pytest.raises(Refusal, match="horizon is 9 months; allowed: 3, 6, 12"):
        Target(horizon=9)
    with pytest.raises(Refusal, match=r"target 'default_12' is not known; .*nearest: default_12m"):
        Target.named("default_12", Settings())


def test_every_target_has_a_name_and_only_default_does_without_arrears() -> None:
    blind = replace(Settings(), default_dpd=None)
    for name in target_names():
        assert Target.named(name, Settings()).name == name
        if not name.startswith("default"):
            with pytest.raises(Refusal, match=f"{name} rests on arrears.*--default-dpd 90 trusts them"):
                Target.named(name, blind)
            assert Target.named(name, blind, default_dpd=60).dpd == 60


def test_only_loans_on_time_are_asked_whether_they_deteriorate() -> None:
    dpd = np.array([0.0, 1.0, 45.0])
    assert Target.named("deteriorate_6m", Settings()).asks(dpd).tolist() == [True, False, False]
    assert Target.named("roll_1m", Settings()).asks(dpd).all()
