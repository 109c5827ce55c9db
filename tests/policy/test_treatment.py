"""Ability, willingness, every cell of the matrix, exposure bands, reviews and the holdout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from policy_cases import DAY, facts, golden

from policy.ability import ability, willingness
from policy.asking import Sheet
from policy.decide import decide
from policy.decisions import Decisions
from policy.pack import load_pack
from policy.treatment import class_review_on, held_out

PACK = load_pack()
CASES = golden("matrix")
ABLE = {
    "high": {"dscr": 2.0, "liquid_months": 2.0, "residual_to_instalment": 2.0},
    "low": {"dscr": 1.5, "liquid_months": 0.1, "residual_to_instalment": 0.1},
}
WILLING = {
    "high": {"late_when_liquid_rate_12n": 0.0, "reach_rate_3m": 0.9},
    "low": {"late_when_liquid_rate_12n": 0.9, "reach_rate_3m": 0.1},
}

PARTS = ("late_when_liquid_rate_12n", "selective_default", "ptp_kept_rate_6m", "reach_rate_3m")


def one(**loan: Any) -> Decisions:
    return decide(facts(loan), PACK)


def values(**given: float) -> Sheet:
    found = Sheet(PACK.asking.slots, 1)
    for name, value in given.items():
        found[name] = np.array([value])
    return found


@pytest.mark.parametrize("case", CASES, ids=[f"{c['tier']} {c['ability']} {c['willingness']}" for c in CASES])
def test_every_cell_suggests_what_policy_says(case: Mapping[str, Any]) -> None:
    loan = {**ABLE[case["ability"]], **WILLING[case["willingness"]], "tier_before": 6}
    loan |= {"pd": case["pd"]} if "pd" in case else {"status": case["status"]}
    found = one(**loan)
    assert PACK.tier_of(found.tier[0]).code == case["tier"]
    assert [action.code for action in found.actions(0)] == case["actions"]
    grave = found.worst[0] >= 3
    assert found.needs_approval[0] == (case["approval"] or grave)
    assert not found.ask_for_data[0]


def test_there_is_a_case_for_every_cell() -> None:
    assert len({(c["tier"], c["ability"], c["willingness"]) for c in CASES}) == len(PACK.treatments.cells) == 24


def test_unknown_ability_or_willingness_counts_as_high_and_data_are_asked_for() -> None:
    found = one(pd=0.08)
    assert [action.code for action in found.actions(0)] == ["REMIND_DUE", "CALL", "DATA_REFRESH"]
    assert found.ask_for_data[0]
    assert np.isnan([found.ability[0], found.willingness[0]]).all()


@pytest.mark.parametrize(
    ("given", "index"),
    [
        ({"dscr": 1.2, "liquid_months": 1.0, "residual_to_instalment": 1.0}, 1.0),
        ({"dscr": 1.19, "liquid_months": 0.99, "residual_to_instalment": 0.99}, 0.5),
        ({"dscr": 1.0, "liquid_months": 0.5, "residual_to_instalment": 0.3}, 0.5),
        ({"dscr": 0.99, "liquid_months": 0.49, "residual_to_instalment": 0.29}, 0.0),
        ({"dscr": 2.0, "liquid_months": 2.0, "ext_debt_growth_3m": 0.51}, 2 / 3),
        ({"dscr": 2.0, "liquid_months": 2.0, "ext_debt_growth_3m": 0.1}, 1.0),
        ({"dscr": 2.0, "liquid_months": 2.0}, np.nan),
        ({"dscr": 2.0, "liquid_months": 0.5, "residual_to_instalment": 0.0, "income_chg_3v3": -0.2}, 0.5),
    ],
)
def test_ability_is_the_mean_of_at_least_three_parts(given: Mapping[str, float], index: float) -> None:
    np.testing.assert_allclose(ability(values(**given), PACK.treatments), [index])


@pytest.mark.parametrize(
    ("given", "index"),
    [
        (
            {"late_when_liquid_rate_12n": 0.5, "selective_default": 1.0, "ptp_kept_rate_6m": 0.5, "reach_rate_3m": 1.0},
            0.5,
        ),
        ({"late_when_liquid_rate_12n": 0.5, "reach_rate_3m": 0.5}, 0.5),
        ({"late_when_liquid_rate_12n": 0.0, "selective_default": 1.0}, 1 - 0.2 / 0.6),
        ({"selective_default": 1.0}, np.nan),
    ],
)
def test_willingness_shares_its_weights_out_over_what_is_known(given: Mapping[str, float], index: float) -> None:
    np.testing.assert_allclose(willingness(values(**given), PACK.treatments), [index])


def test_exposure_in_the_band_raises_review_and_approval_by_one_and_never_the_tier() -> None:
    small, large = (
        one(pd=0.08, principal_outstanding=999_999, product="mortgage"),
        one(pd=0.08, principal_outstanding=1_000_000, product="mortgage"),
    )
    assert small.tier[0] == large.tier[0] == 2
    assert [small.review[0], large.review[0]] == [2, 3]
    assert [small.approval[0], large.approval[0]] == [0, 1]
    assert [bool(small.raised[0]), bool(large.raised[0])] == [False, True]


def test_exposure_counts_accrued_interest_and_the_share_of_the_limit_that_is_drawn_before_default() -> None:
    found = one(pd=0.1, principal_outstanding=1000, accrued=10, undrawn=100, product="credit_card")
    np.testing.assert_allclose([found.ead[0], found.el[0]], [1085.0, 0.1 * 0.75 * 1085])
    assert np.isnan(one(principal_outstanding="unknown").ead[0])


def test_orange_and_red_alerts_and_state_d_wait_for_a_person() -> None:
    quiet, orange = one(pd=0.002, dpd_now=0), one(pd=0.002, ext_dpd_now=31)
    assert [bool(quiet.needs_approval[0]), bool(orange.needs_approval[0])] == [False, True]
    assert one(status="in_default").needs_approval[0]


def test_only_state_d_may_be_sued_settled_or_written_off() -> None:
    only_d = {code for code, action in PACK.treatments.actions.items() if action.only_d}
    assert {"SUIT", "ENFORCEMENT", "PRESERVATION", "SETTLEMENT_FULL", "WRITE_OFF_PROPOSAL"} <= only_d
    for cell in PACK.treatments.cells:
        assert cell.tier == PACK.d or not only_d & set(cell.actions)
    assert all(PACK.treatments.actions[code].approval for code in only_d)


def test_the_class_of_every_loan_is_signed_off_by_the_end_of_the_quarter() -> None:
    days = np.array(["2026-01-01", "2026-03-31", "2026-04-01", "2026-12-15"], "datetime64[D]").astype(np.int32)
    found = class_review_on(days, PACK.classes.review_months).astype("datetime64[D]").astype(str)
    assert found.tolist() == ["2026-03-31", "2026-03-31", "2026-06-30", "2026-12-31"]


def test_the_holdout_is_a_twentieth_of_borrowers_and_always_the_same() -> None:
    borrowers = [f"b{i}" for i in range(20_000)]
    first = [held_out(who, "salt", 0.05) for who in borrowers]
    assert first == [held_out(who, "salt", 0.05) for who in borrowers]
    assert 0.045 < np.mean(first) < 0.055
    assert first != [held_out(who, "pepper", 0.05) for who in borrowers]


@pytest.mark.parametrize(
    "loan",
    [
        {"pd": 0.3}, {"status": "in_default"}, {"hardship": 1}, {"observation": 1}, {"complaint_open": 1},
        {"review_overdue_days": 3}, {"first_check_done": 0, "days_on_book": 31}, {"enforcement_flag": 1},
        {"pd": 0.08, **ABLE["low"]},
    ],
)  # fmt: skip
def test_nobody_is_held_out_who_may_not_be(loan: Mapping[str, Any]) -> None:
    borrower = next(f"b{i}" for i in range(1000) if held_out(f"b{i}", PACK.treatments.holdout_salt, 0.05))
    assert one(borrower=borrower, pd=0.02).holdout[0]
    assert not one(borrower=borrower, **{"pd": 0.02, **loan}).holdout[0]


def test_a_decision_as_people_read_it_is_plain() -> None:
    plain = one(pd=0.3, dpd_now=31, overdue_days=31).plain(0)
    assert (plain["tier"], plain["class"], plain["stage"], plain["as_of"]) == ("T4", "special_mention", 2, "2026-03-31")
    assert plain["class_reasons"][0]["text"]["zh"].startswith("本金、利息或收益逾期")
    assert plain["review"]["en"] == "check every day, review by the officer every month"
    assert plain["worst_alert"] == "O"
    assert int(np.datetime64("2026-03-31").astype(int)) == DAY
