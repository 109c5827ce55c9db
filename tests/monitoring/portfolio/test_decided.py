"""Migration of classes, alert accounting and the effect of actions, beside their working in golden/decided.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from monitoring.portfolio.collection import effect
from monitoring.portfolio.rolls import class_migration
from monitoring.portfolio.warnings import accounting

GOLDEN = tomllib.loads((Path(__file__).parent / "golden" / "decided.toml").read_text("utf-8"))


def cases(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", GOLDEN[name], ids=lambda c: c["title"])


@cases("migration")
def test_the_regulators_migration_takes_the_reduction_out_of_the_base(case: dict[str, Any]) -> None:
    columns = ["loan_id", "five_class", "balance"]
    opening, closing = (pl.DataFrame(case[name], schema=columns, orient="row") for name in ("opening", "closing"))
    found = class_migration(opening, closing).drop_nulls("opening")
    assert [list(row[:-1]) for row in found.rows()] == [row[:-1] for row in case["rates"]]
    assert [-1.0 if rate is None else rate for rate in found["rate"]] == pytest.approx(
        [row[-1] for row in case["rates"]], abs=1e-6
    )


@cases("accounting")
def test_alert_accounting_by_hand(case: dict[str, Any]) -> None:
    alerts = pl.DataFrame(case["alerts"], schema=["rule", "loan_id", "fired_on", "suppressed"], orient="row")
    events = pl.DataFrame(case["events"], schema=["loan_id", "event_on"], orient="row")
    found = accounting(alerts, events, case["on"])
    names = ("rule", "alerts", "suppressed", "already", "mature", "hits", "precision", "events", "announced", "recall")
    assert len(found) == len(case["rows"])
    for row, by_hand in zip(found.select(names).rows(), case["rows"], strict=True):
        assert row == pytest.approx(tuple(by_hand), abs=1e-6)
    if "lead_days" in case:
        assert found["lead_days"].to_list() == [case["lead_days"]] * len(found)


@cases("holdout")
def test_the_effect_of_an_action_is_a_difference_from_the_holdout(case: dict[str, Any]) -> None:
    rows = [
        {"arm": arm, "borrower_id": who, "good": good, "cost": case["cost"] if arm == "treated" else 0.0}
        for arm in ("treated", "holdout")
        for who, good in case[arm]
    ]
    found = effect(pl.DataFrame(rows))
    for name in ("treated_rate", "holdout_rate", "effect"):
        assert found[name] == pytest.approx(case[name])
    assert found["high"] - found["effect"] == pytest.approx(case["half_width"], abs=1e-6)
    assert found["effect"] - found["low"] == pytest.approx(case["half_width"], abs=1e-6)
    if "cost_per_cure" in case:
        assert found["cost_per_cure"] == pytest.approx(case["cost_per_cure"])
