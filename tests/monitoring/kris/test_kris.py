"""Key risk indicators on hand-worked records; limits and states follow the policy file."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from monitoring.kris.arrears import first_payment_figures, rate_figures, roll_of, spread_of_rolls
from monitoring.kris.cohorts import cohort_counts
from monitoring.kris.limits import TRIPPED, UNKNOWN, WITHIN, indicators
from monitoring.kris.model import monitored, score_figures
from monitoring.kris.process import process_figures
from monitoring.kris.ratios import ratios
from monitoring.kris.worst import realised, worst_tiers
from monitoring.portfolio.warnings import queue_weeks
from monitoring.timeline.counts import Baseline
from policy.alerts import portfolio_alerts
from policy.pack import load_pack

GOLDEN = tomllib.loads((Path(__file__).parent / "golden" / "kris.toml").read_text("utf-8"))
TIERS = ("T1", "T2", "T3", "T4", "T5")
PACK = load_pack("standard")


def cases(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", GOLDEN[name], ids=lambda c: c["title"])


def _expected(case: dict[str, Any], *names: str) -> Any:
    return pytest.approx({name: case[name] for name in names if name in case}, abs=1e-6)


@cases("rates")
def test_the_30_plus_rate_by_hand(case: dict[str, Any]) -> None:
    assert rate_figures(case["rates"]) == _expected(case, "rate30", "rate30_chg_1m")


@cases("rolls")
def test_the_spread_of_rolls_by_hand(case: dict[str, Any]) -> None:
    assert spread_of_rolls(case["rolls"]) == _expected(case, "roll_m1_m2", "roll_m1_m2_mean", "roll_m1_m2_sd")


def test_the_roll_of_two_nights_keeps_loans_that_left() -> None:
    then = pl.DataFrame({"loan_id": list("abcd"), "dpd": [5, 30, 1, 31], "balance": [100.0, 100.0, 200.0, 999.0]})
    now = pl.DataFrame({"loan_id": ["a", "b"], "dpd": [36, 61]})
    assert roll_of(then, now) == 0.25  # a of a, b and c; c is gone, d was in M2 already


@cases("first_payments")
def test_first_payments_missed_by_hand(case: dict[str, Any]) -> None:
    rows = []
    for month, loans, failed in case["months"]:
        due = date.fromisoformat(f"{month}-15") - timedelta(days=30)
        rows += [{"due_1_on": due, "open_1": 31 if k < failed else 0} for k in range(loans)]
    late = {"due_1_on": case["on"] - timedelta(days=3), "open_1": 3}
    found = first_payment_figures(pl.DataFrame([*rows, late]), case["on"])
    assert found == _expected(case, "fpd30", "fpd30_mean_6m")


@cases("worst")
def test_the_share_of_the_worst_tiers_by_hand(case: dict[str, Any]) -> None:
    then, now = (pl.DataFrame(case[name], schema=["tier", "ead"], orient="row") for name in ("then", "now"))
    assert worst_tiers(then, now, TIERS) == _expected(case, "worst_tiers_ead_chg")


@cases("realised")
def test_defaults_against_pds_by_hand(case: dict[str, Any]) -> None:
    then = pl.DataFrame(case["then"], schema=["loan_id", "borrower_id", "pd"], orient="row")
    assert realised(then, case["bad"]) == _expected(case, "observed_to_expected", "jeffreys_p")


@cases("ratios")
def test_regulatory_ratios_by_hand(case: dict[str, Any]) -> None:
    columns = ["loan_id", "borrower_id", "five_class", "balance", "dpd", "region", "industry", "restructured"]
    now = pl.DataFrame(case["now"], schema=columns, orient="row")
    opening = pl.DataFrame(case["opening"], schema=["loan_id", "five_class", "balance"], orient="row")
    names = ("overdue90_to_npl", "special_mention_rate", "restructured_rate", "npl_formation_rate")
    assert ratios(now, opening) == _expected(case, *names, "largest_name_share", "largest_region_share")


def _alerts(rows: list[Any]) -> pl.DataFrame:
    plain = [
        {
            "rule": "R05",
            "loan_id": loan,
            "fired_on": date.fromisoformat(fired),
            "closed_on": date.fromisoformat(closed) if closed else None,
            "suppressed": folded,
            "outcome": "",
        }
        for loan, fired, closed, folded in rows
    ]
    return pl.DataFrame(plain, schema_overrides={"closed_on": pl.Date})


@cases("queue")
def test_the_queue_by_hand(case: dict[str, Any]) -> None:
    alerts = _alerts(case["alerts"])
    weeks = queue_weeks(alerts, case["capacity"], case["on"]).drop("capacity")
    assert [[str(row[0]), *row[1:]] for row in weeks.rows()] == case["weeks"]
    none = pl.DataFrame(schema={"loan_id": pl.String, "event_on": pl.Date})
    assert process_figures(alerts, none, case["capacity"], case["on"]) == _expected(case, "weeks_over_capacity")


@cases("cohorts")
def test_alerts_of_a_cohort_by_hand(case: dict[str, Any]) -> None:
    rows = [(loan, date.fromisoformat(day)) for loan, day in case["alerts"]]
    alerts = pl.DataFrame(rows, schema=["loan_id", "fired_on"], orient="row")
    facts = pl.DataFrame(case["regions"], schema=["loan_id", "region"], orient="row")
    counts = cohort_counts(alerts, facts, case["on"])
    assert [(one.key, one.alerts_30d, one.base_30d) for one in counts] == [
        (case["cohort"], case["alerts_30d"], case["base_30d"])
    ]


def _fired(on: date, right: int, wrong: int) -> list[dict[str, Any]]:
    plain = {"rule": "R05", "fired_on": on, "suppressed": False, "closed_on": None, "outcome": ""}
    return [plain | {"loan_id": f"{on}-{k}-{k < right}"} for k in range(right + wrong)]


def test_precision_is_held_against_the_year_before() -> None:
    on, recent, earlier = date(2024, 12, 31), date(2024, 5, 15), date(2024, 2, 15)
    alerts = pl.DataFrame([*_fired(recent, 6, 34), *_fired(earlier, 20, 20)], schema_overrides={"closed_on": pl.Date})
    right = alerts.filter(pl.col("loan_id").str.ends_with("True"))
    events = right.select("loan_id", event_on=pl.col("fired_on").dt.offset_by("1mo"))
    found = process_figures(alerts, events, None, on)
    assert found == {"alert_precision": 0.15, "alert_precision_validated": 0.5}
    fired = portfolio_alerts(found, PACK, 20_088).alerts
    assert [alert.rule for alert in fired] == ["P04"]  # 0.15 < 0.5 x 0.5


def test_alerts_closed_for_data_are_a_share_of_those_closed() -> None:
    on = date(2024, 12, 31)
    outcomes = ["Data"] * 15 + ["cured"] * 15
    alerts = pl.DataFrame(
        {
            "rule": ["R05"] * 30,
            "loan_id": [str(k) for k in range(30)],
            "fired_on": [date(2024, 11, 1)] * 30,
            "closed_on": [date(2024, 12, 1)] * 30,
            "suppressed": [False] * 30,
            "outcome": outcomes,
        }
    )
    none = pl.DataFrame(schema={"loan_id": pl.String, "event_on": pl.Date})
    assert process_figures(alerts, none, None, on) == {"benign_by_data_share": 0.5}
    assert process_figures(alerts.head(29), none, None, on) == {}  # too few to say


def test_every_alternative_of_the_policy_is_an_indicator_with_its_limit() -> None:
    figures = {"rate30": 0.06, "roll_m1_m2": 0.2, "roll_m1_m2_mean": 0.15, "roll_m1_m2_sd": 0.05, "score_psi": 0.2}
    found = {(one.rule, one.severity, one.figure): one for one in indicators(figures, PACK)}
    rate = found["P01", "O", "rate30"]
    assert (rate.value, rate.sign, rate.limit, rate.state) == (0.06, ">", 0.05, TRIPPED)
    roll = found["P01", "O", "roll_m1_m2"]
    assert (roll.limit, roll.state) == (0.25, WITHIN)
    assert roll.asks == ("roll_m1_m2", "roll_m1_m2_mean", "roll_m1_m2_sd")
    # without the critical value the limit of the score's PSI is not known
    assert np.isnan(found["P03", "Y", "score_psi"].limit)
    assert found["P03", "Y", "score_psi"].state == UNKNOWN
    assert {rule for rule, _, _ in found} == {"P01", "P02", "P03", "P04", "P05"}


def test_indicators_and_alerts_agree() -> None:
    random = np.random.default_rng(5)
    names = sorted({name for one in indicators({}, PACK) for name in one.asks})
    for _ in range(50):
        figures = {name: float(random.choice([0.01, 0.3, 1.5, np.nan])) for name in names}
        tripped = {one.rule for one in indicators(figures, PACK) if one.state == TRIPPED}
        assert {alert.rule for alert in portfolio_alerts(figures, PACK, 20_000).alerts} == tripped


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(KeyError, match="no figure is called rate31"):
        indicators({"rate31": 0.1}, PACK)


def test_the_drift_of_the_score_of_a_night() -> None:
    plain = {"bins": {"pd": {"edges": [0.1]}}, "counts": {"pd": [50.0, 50.0, 0.0]}, "borrowers": 100}
    baseline = Baseline.of(plain)
    found = score_figures(np.array([0.05, 0.2, np.nan]), 2, baseline)
    assert found["score_psi"] == 0.0
    assert found["score_psi_critical"] == pytest.approx(3.841459 * (1 / 100 + 1 / 2))
    assert score_figures(np.array([np.nan]), 1, baseline) == {}


def test_figures_of_a_monitoring_run_count_for_45_days(tmp_path: Path) -> None:
    assert monitored(tmp_path, date(2024, 7, 1)) == {}
    (tmp_path / "verdict.json").write_text('{"as_of": "2024-06-30", "figures": {"score_psi": 0.2}}')
    assert monitored(tmp_path, date(2024, 7, 1)) == {"score_psi": 0.2}
    assert monitored(tmp_path, date(2024, 6, 29)) == {}
    assert monitored(tmp_path, date(2024, 8, 15)) == {}
