"""Every early-warning rule: on, off, not evaluated, and at the edge; told once, worse again, one case per family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from policy_cases import DAY, facts, golden

from policy.alerts import CohortCount, cohort_alerts, portfolio_alerts
from policy.decide import decide
from policy.decisions import Decisions
from policy.pack import load_pack
from policy.state import States

PACK = load_pack()
RULES, PORTFOLIO = golden("rules"), golden("portfolio")
TIERS = ("T1", "T2", "T3", "T4", "T5", "D")


def alone(rule: str) -> Any:
    """The pack with one rule: family caps are tested apart."""
    return replace(PACK, rules=replace(PACK.rules, rules=(PACK.rules[rule],)))


def decided(rule: str, given: Mapping[str, Any]) -> Decisions:
    loan = dict(given)
    pack, before = alone(rule), loan.pop("before_tier", "")
    months_ago = loan.pop("pd_3m_ago", "unknown")
    states = States.none(1, pack)
    if before:
        states.tiers.tier[0] = TIERS.index(before)
    ago = np.array([np.nan if months_ago == "unknown" else months_ago], float)
    return decide(facts(loan), pack, states, bundle_id="m", pd_3m_ago=ago)


@pytest.mark.parametrize("case", RULES, ids=[f"{case['rule']} {case['why']}" for case in RULES])
def test_a_rule_says_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    found = decided(case["rule"], case["facts"])
    unknown = found.not_evaluated.get(case["rule"], np.zeros(1, bool))[0]
    said = "not evaluated" if unknown else "".join(alert.severity for alert in found.alerts)
    assert said == case["expect"]


@pytest.mark.parametrize("case", PORTFOLIO, ids=[f"{case['rule']} {case['why']}" for case in PORTFOLIO])
def test_a_rule_above_the_borrower_says_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    figures = {name: np.nan if value == "unknown" else value for name, value in case["figures"].items()}
    if case["rule"] == "R26":
        count = CohortCount("product=car", figures["cohort_alerts_30d"], figures.get("base"))
        found = cohort_alerts([count], PACK, DAY)
        unknown = "R26 product=car" in found.not_evaluated
    else:
        found = portfolio_alerts(figures, PACK, DAY)
        unknown = case["rule"] in found.not_evaluated
    fired = "".join(alert.severity for alert in found.alerts if alert.rule == case["rule"])
    assert ("not evaluated" if unknown else fired) == case["expect"]


def test_every_rule_has_cases_for_on_off_and_not_evaluated() -> None:
    for rule in PACK.rules.rules:
        expected = {case["expect"] for case in (*RULES, *PORTFOLIO) if case["rule"] == rule.id}
        assert {"", "not evaluated"} < expected, rule.id
        assert {step.severity for step in rule.steps} <= expected, rule.id


def night(day: int, before: States | None, **loan: Any) -> Decisions:
    return decide(facts(loan, as_of=DAY + day), PACK, before, bundle_id="m")


def told(found: Decisions) -> list[str]:
    return [alert.rule + alert.severity for alert in found.alerts]


def test_a_rule_is_silent_in_its_cool_down_and_told_again_after_it() -> None:
    first = night(0, None, dpd_now=9)
    second = night(29, first.state, dpd_now=9)
    third = night(30, second.state, dpd_now=9)
    assert [told(first), told(second), told(third)] == [["R02Y"], [], ["R02Y"]]


def test_a_rule_is_told_at_once_when_it_grows_worse() -> None:
    first = night(0, None, dpd_now=30)
    second = night(1, first.state, dpd_now=31)
    milder = night(2, second.state, dpd_now=8)
    assert [told(first), told(second), told(milder)] == [["R02Y"], ["R02O"], []]


def test_a_graver_step_of_the_same_severity_is_worse() -> None:
    first = night(0, None, dpd_now=90, overdue_days=0)
    assert told(night(1, first.state, dpd_now=91, overdue_days=0)) == ["R02R"]


def test_a_clock_that_steps_back_tells_nothing_twice() -> None:
    first = night(0, None, dpd_now=9)
    assert told(night(-1, first.state, dpd_now=9)) == []


def test_signs_of_one_family_are_one_case() -> None:
    found = night(
        0, None, failed_insufficient_60d=2, failed_technical_60d=0, shrinking_instalments=4, shrinking_ratio=0.5
    )
    assert told(found) == ["R05O"]
    assert found.alerts[0].folded == ("R04",)


def test_a_milder_sign_of_a_family_that_was_told_is_the_same_case_and_a_graver_one_is_not() -> None:
    paying = {"failed_technical_60d": 0}
    first = night(0, None, shrinking_instalments=4, shrinking_ratio=0.5, failed_insufficient_60d=0, **paying)
    second = night(1, first.state, shrinking_instalments=1, shrinking_ratio=1, failed_insufficient_60d=2, **paying)
    assert [told(first), told(second)] == [["R05O"], []]
    first = night(0, None, shrinking_instalments=1, shrinking_ratio=1, failed_insufficient_60d=2, **paying)
    second = night(1, first.state, shrinking_instalments=4, shrinking_ratio=0.5, failed_insufficient_60d=2, **paying)
    assert [told(first), told(second)] == [["R04Y"], ["R05O"]]


def test_a_rule_about_a_borrower_is_told_once_with_the_gravest_of_the_loans() -> None:
    loans = [{"borrower": "B", "pti_all": 0.6, "dscr": 2}, {"borrower": "B", "pti_all": 0.8, "dscr": 2}]
    found = decide(facts(*loans), PACK)
    assert [(a.subject, a.loan_id, a.severity) for a in found.alerts] == [("B", "L1", "O")]
    assert not decide(facts(*loans), PACK, found.state).alerts


def test_an_alert_says_what_who_and_why_in_both_languages() -> None:
    alert = night(0, None, failed_insufficient_60d=0, failed_technical_60d=2).alerts[0]
    plain = alert.to_plain(PACK)
    assert plain["text"]["en"] == "debits fail: only for technical reasons or the mandate: repair it"
    assert plain["text"]["zh"].startswith("扣款失败：仅因技术")
    assert (plain["owner"], plain["action"], plain["fired_on"]) == ("operations", "REPAIR_MANDATE", "2026-03-31")
    assert plain["evidence"] == {"failed_technical_60d": 2.0, "failed_insufficient_60d": 0.0}
    assert alert.told("zh")[0] == "近60天因技术或授权扣款失败次数：2次"


def test_a_new_model_does_not_fire_the_change_of_score() -> None:
    old = night(-90, None, pd=0.01)
    assert old.state.bundle[0] == "m"
    new = decide(facts({"pd": 0.2}), PACK, old.state, bundle_id="other")
    assert "R08" in new.not_evaluated
    assert "R08O" in told(night(0, old.state, pd=0.2))
    again = decide(facts({"pd": 0.2}), PACK, old.state, bundle_id="other", pd_3m_ago=np.array([0.19]))
    assert "R08" not in again.not_evaluated
    assert "R08O" not in told(again)


def test_closed_loans_raise_nothing() -> None:
    found = decide(facts({"status": "closed", "dpd_now": 200, "overdue_days": 200}), PACK)
    assert (found.alerts, found.five_class[0], found.stage[0], found.tier[0]) == ((), -1, 0, -1)


def test_portfolio_alerts_keep_quiet_in_their_cool_down() -> None:
    figures = {"observed_to_expected": 2.0}
    first = portfolio_alerts(figures, PACK, DAY)
    second = portfolio_alerts(figures, PACK, DAY + 10, first.state)
    third = portfolio_alerts(figures, PACK, DAY + 30, second.state)
    assert [[a.rule for a in one.alerts] for one in (first, second, third)] == [["P02"], [], ["P02"]]


def test_a_figure_that_no_rule_could_ask_is_an_error() -> None:
    with pytest.raises(KeyError, match="no figure is called rate31"):
        portfolio_alerts({"rate31": 0.1}, PACK, DAY)
