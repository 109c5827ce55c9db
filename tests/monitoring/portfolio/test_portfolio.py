"""The state of the book on hand-worked books: every figure beside its working in the golden files."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from monitoring.portfolio.classes import class_shares, moves
from monitoring.portfolio.collection import effect, success, tasks_on_time
from monitoring.portfolio.cures import cures
from monitoring.portfolio.first_payments import first_payments
from monitoring.portfolio.rates import delinquency
from monitoring.portfolio.recoveries import recovery_curves
from monitoring.portfolio.rolls import matrix, net_flow, roll_rates, transitions
from monitoring.portfolio.segments import default_rates, terms
from monitoring.portfolio.vintages import vintages
from monitoring.portfolio.wilson import wilson

GOLDEN = Path(__file__).parent / "golden"
BOOK = tomllib.loads((GOLDEN / "book.toml").read_text("utf-8"))
LIVES = tomllib.loads((GOLDEN / "lives.toml").read_text("utf-8"))
JULY = date(2024, 7, 31)
X = (0, 30, 60, 90)
SCHEMA = {
    **dict.fromkeys(("loan_id", "borrower_id", "product", "channel", "region", "exit"), pl.String),
    **dict.fromkeys(("disbursed_on", "maturity_on", "exit_on", "due_1_on", "due_2_on", "due_3_on"), pl.Date),
    **{f"{name}_{x}_on": pl.Date for name in ("over", "back") for x in X},
    **{f"balance_{x}": pl.Float64 for x in X},
    **dict.fromkeys(("open_1", "open_2", "open_3"), pl.Int32),
    "principal": pl.Float64,
}


@pytest.fixture(scope="module")
def states() -> pl.DataFrame:
    return pl.DataFrame(
        [{"loan_id": s["loan_id"], "status": "scored", "exit": "", **row} for s in BOOK["states"] for row in s["rows"]]
    )


@pytest.fixture(scope="module")
def lives() -> pl.DataFrame:
    return pl.DataFrame([{"exit": "", "borrower_id": row["loan_id"], **row} for row in LIVES["loans"]], schema=SCHEMA)


def _row(rows: pl.DataFrame, **key: Any) -> dict[str, Any]:
    found = rows.filter(*(pl.col(name) == value for name, value in key.items())).to_dicts()
    assert len(found) == 1, f"{key}: {len(found)} rows"
    return found[0]


@pytest.mark.parametrize("case", BOOK["delinquency"], ids=lambda c: f"{c['as_of']} {c['basis']} {c['over']}")
def test_delinquency_by_hand(states: pl.DataFrame, case: dict[str, Any]) -> None:
    row = _row(delinquency(states, lag=1), as_of=case["as_of"], basis=case["basis"], over=case["over"])
    assert row["numerator"] == case["numerator"]
    assert row["denominator"] == case["denominator"]
    assert row["rate"] == pytest.approx(case["numerator"] / case["denominator"])
    if "lagged_denominator" in case:
        assert row["lagged_denominator"] == case["lagged_denominator"]


def test_the_first_months_have_no_lagged_rate(states: pl.DataFrame) -> None:
    first = delinquency(states, lag=1).filter(pl.col("as_of") == date(2024, 1, 31))
    assert first["lagged_rate"].null_count() == len(first)


def test_every_move_by_hand(states: pl.DataFrame) -> None:
    found = transitions(states).to_dicts()
    assert sorted(found, key=str) == sorted(BOOK["moves"], key=str)


def test_moves_out_of_a_bucket_sum_to_what_was_in_it(states: pl.DataFrame) -> None:
    rates = roll_rates(transitions(states))
    sums = rates.group_by("from").agg(pl.col("share").sum())
    assert sums["share"].to_list() == pytest.approx([1.0] * len(sums))
    table = matrix(rates)
    assert table.filter(pl.col("from") == "M2").select(pl.exclude("from")).null_count().to_numpy().sum() == 14


@pytest.mark.parametrize("case", BOOK["shares"], ids=lambda c: f"{c['from']} to {c['to']}")
def test_roll_rates_by_hand(states: pl.DataFrame, case: dict[str, Any]) -> None:
    row = _row(roll_rates(transitions(states)), **{"from": case["from"], "to": case["to"]})
    assert row["share"] == pytest.approx(case["share"])


@pytest.mark.parametrize("case", BOOK["net_flow"], ids=lambda c: f"{c['month']} {c['from']}")
def test_net_flow_by_hand(states: pl.DataFrame, case: dict[str, Any]) -> None:
    row = _row(net_flow(states), month=case["month"], **{"from": case["from"]})
    assert row["rate"] == pytest.approx(case["rate"])


def test_months_that_are_not_neighbours_make_no_moves(states: pl.DataFrame) -> None:
    apart = states.filter(pl.col("as_of") != date(2024, 2, 29))
    assert not len(transitions(apart))


@pytest.mark.parametrize("case", LIVES["vintages"], ids=lambda c: f"{c['vintage']} {c['mob']}")
def test_vintages_by_hand(lives: pl.DataFrame, case: dict[str, Any]) -> None:
    row = _row(vintages(lives, JULY), vintage=case["vintage"], mob=case["mob"])
    assert row["rate"] == pytest.approx(case["rate"])


@pytest.mark.parametrize("case", LIVES["blank"], ids=lambda c: f"{c['vintage']} {c['mob']}")
def test_unripe_cells_are_blank(lives: pl.DataFrame, case: dict[str, Any]) -> None:
    cells = vintages(lives, JULY)
    assert not len(cells.filter(pl.col("vintage") == case["vintage"], pl.col("mob") == case["mob"]))


@pytest.mark.parametrize("case", LIVES["first_payments"], ids=lambda c: c["figure"])
def test_first_payments_by_hand(lives: pl.DataFrame, case: dict[str, Any]) -> None:
    row = _row(first_payments(lives, JULY), vintage=case["vintage"], figure=case["figure"])
    assert (row["failed"], row["loans"]) == (case["failed"], case["loans"])


def test_a_vintage_whose_first_due_dates_are_too_recent_has_no_first_payment_rate(lives: pl.DataFrame) -> None:
    assert not len(first_payments(lives, JULY).filter(pl.col("vintage") == date(2024, 2, 1)))


@pytest.mark.parametrize("case", LIVES["cures"], ids=lambda c: f"{c['entered']} {c['months']}")
def test_cures_by_hand(lives: pl.DataFrame, case: dict[str, Any]) -> None:
    row = _row(cures(lives, JULY), entered=case["entered"], months=case["months"])
    assert (row["loans"], row["back"]) == (case["loans"], case["back"])


def test_recovery_by_hand() -> None:
    default = date(2024, 1, 20)
    collected = pl.DataFrame(
        {
            "loan_id": ["a", "a", "b"],
            "defaulted_on": [default] * 3,
            "exposure": [100.0, 100.0, 300.0],
            "paid_on": [date(2024, 2, 10), date(2024, 4, 21), None],
            "amount": [40.0, 20.0, None],
        }
    )
    curve = recovery_curves(collected, date(2024, 7, 31), longest=6)
    by_month = {row["months"]: row["rate"] for row in curve.to_dicts()}
    # 40 of 400 within one month, 60 within four; the second payment came a day after three months
    assert by_month == pytest.approx({1: 0.1, 2: 0.1, 3: 0.1, 4: 0.15})


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_wilson_by_hand(hits: int, n: int, low: float, high: float) -> None:
    bounds = wilson("k", "n")
    row = pl.DataFrame({"k": [hits], "n": [n]}).select(low=bounds[0], high=bounds[1]).row(0)
    assert row == pytest.approx((low, high), abs=1e-4)


def test_default_rates_count_only_who_was_performing(states: pl.DataFrame, lives: pl.DataFrame) -> None:
    started = pl.DataFrame(
        {"loan_id": ["A", "B", "D"], "as_of": [date(2024, 2, 29)] * 3, "exit": [""] * 3, "status": ["scored"] * 3}
    )
    whole = _row(default_rates(started, lives, date(2024, 2, 29), JULY), by="book")
    assert (whole["loans"], whole["defaults"]) == (3, 1)
    assert whole["low"] < 1 / 3 < whole["high"]


def test_terms_sum_to_the_book(states: pl.DataFrame, lives: pl.DataFrame) -> None:
    known = pl.DataFrame({"loan_id": ["L1", "L2"], "maturity_on": [date(2024, 5, 31), None]})
    rows = terms(states, known, date(2024, 3, 31))
    assert rows["balance"].sum() == 520.0
    assert _row(rows, term="0-3")["balance"] == 80.0
    assert _row(rows, term="none")["late_balance"] == 200.0


def test_npl_and_coverage_by_hand() -> None:
    classes = pl.DataFrame(
        {
            "loan_id": ["a", "b", "c"],
            "as_of": [date(2024, 1, 31)] * 3,
            "five_class": ["normal", "substandard", "special_mention"],
            "balance": [60.0, 30.0, 10.0],
            "dpd": [0, 95, 100],
        }
    )
    row = class_shares(classes).to_dicts()[0]
    assert (row["npl_share"], row["special_mention"]) == pytest.approx((0.3, 0.1))
    assert row["over90_to_npl"] == pytest.approx(40 / 30)


def test_tier_moves_keep_who_came_and_who_left() -> None:
    tiers = pl.DataFrame(
        {
            "loan_id": ["a", "b", "b", "c", "a"],
            "as_of": [date(2024, 1, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 2, 29), date(2024, 2, 29)],
            "tier": ["T1", "T2", "T4", "T1", "T1"],
            "balance": [10.0, 20.0, 19.0, 5.0, 9.0],
        }
    )
    found = {
        (row["from"], row["to"]): row["balance"] for row in moves(tiers, "tier", ("T1", "T2", "T3", "T4")).to_dicts()
    }
    assert found == {("T1", "T1"): 10.0, ("T2", "T4"): 20.0, ("NEW", "T1"): 5.0}


def test_without_a_holdout_no_effect_is_stated() -> None:
    cases = pl.DataFrame({"arm": ["treated"], "borrower_id": ["a"], "good": [True]})
    assert np.isnan(effect(cases)["effect"])


def test_success_counts_cases_with_enough_collected() -> None:
    cases = pl.DataFrame({"arrears": [100.0, 100.0], "collected": [100.0, 50.0]})
    assert (success(cases), success(cases, 0.5)) == (0.5, 1.0)


def test_an_open_task_past_its_day_is_not_on_time() -> None:
    tasks = pl.DataFrame(
        {
            "kind": ["review"] * 3,
            "due_on": [date(2024, 1, 5), date(2024, 1, 5), date(2024, 3, 1)],
            "done_on": [date(2024, 1, 5), None, None],
            "as_of": [date(2024, 1, 31)] * 3,
        }
    )
    row = tasks_on_time(tasks).to_dicts()[0]
    assert (row["due"], row["on_time"], row["open"], row["rate"]) == (2, 1, 1, 0.5)
