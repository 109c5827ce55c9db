"""The five classes clause by clause, the way out of non-performing, the observation clock and stages."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_cases import facts, golden

from book.clock import month_end
from policy.decide import decide
from policy.observation import observe
from policy.pack import load_pack
from policy.parts.classes import CLASSES
from policy.state import States

PACK = load_pack()
CASES, STAGES, OBSERVED = golden("classes"), golden("stages"), golden("observation")
MONTHLY = (month_end(np.arange(640, 700)) + 15).tolist()


def day(value: datetime.date) -> int:
    return int(np.datetime64(value, "D").astype(int))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['clause']} {case['why']}" for case in CASES])
def test_the_class_is_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    before = States.none(len(case["loans"]), PACK)
    if "before" in case:
        before.five_class[0] = CLASSES.index(case["before"])
    found = decide(facts(*case["loans"]), PACK, before)
    assert CLASSES[found.five_class[0]] == case["class"]
    grave = [reason for reason in found.class_reasons[0] if reason.five_class == case["class"]]
    assert found.class_held[0] or case["class"] == "normal" or grave[0].article.startswith("第")
    if found.class_held[0]:
        assert found.class_reasons[0][0].clause == "upgrade"


def test_every_clause_has_a_case_that_it_decides_and_one_that_it_does_not() -> None:
    for clause in PACK.classes.clauses:
        mine = [case for case in CASES if case["clause"] == clause.id]
        name = CLASSES[clause.five_class]
        assert any(case["class"] == name for case in mine), clause.id
        assert any(case["class"] != name for case in mine), clause.id


def test_what_is_not_known_is_reported_and_makes_no_clause_hold() -> None:
    found = decide(facts({"overdue_days": 0}), PACK)
    assert found.five_class[0] == 0
    assert {"class evasion", "class credit_impaired", "class ecl_half"} <= set(found.not_evaluated_of(0))


def test_a_debtor_whose_loans_are_not_all_here_is_not_judged_across_them() -> None:
    loan = {"retail": 0, "ext_bank_debt": 0, "ext_bank_over90": 0}
    known, part = (decide(facts(loan, whole=whole), PACK) for whole in (True, False))
    assert "class debtor_npl_share" not in known.not_evaluated_of(0)
    assert {"class debtor_npl_share", "class debtor_npl_here"} <= set(part.not_evaluated_of(0))


def test_a_firm_of_unknown_size_is_not_judged_across_its_loans() -> None:
    found = decide(facts({"retail": "unknown", "ext_npl": 1}), PACK)
    assert found.five_class[0] == 0
    assert "class debtor_npl_elsewhere" in found.not_evaluated_of(0)


def test_a_class_is_a_floor_of_the_tier_and_non_performing_is_state_d() -> None:
    found = decide(facts({"pd": 0.001, "overdue_days": 1}, {"pd": 0.001, "evasion_finding": 1}), PACK)
    assert [PACK.tier_of(code).code for code in found.tier] == ["T3", "D"]
    assert PACK.floors[found.floor[0]].id == "class_special_mention"


def test_reasons_name_the_article_and_the_evidence() -> None:
    reason = decide(facts({"overdue_days": 91}), PACK).class_reasons[0][0]
    assert (reason.clause, reason.article, reason.evidence) == (
        "overdue_over_90",
        "第十一条（一）",
        {"overdue_days": 91.0},
    )


@given(st.integers(0, 500), st.booleans())
def test_classes_never_get_better_with_more_days_overdue(days: int, finding: bool) -> None:
    loans = [{"overdue_days": days + more, "operational_finding": finding} for more in (0, 1)]
    found = decide(facts(*loans), PACK).five_class
    assert found[0] <= found[1]


@pytest.mark.parametrize("case", STAGES, ids=[f"{case['trigger']} {case['why']}" for case in STAGES])
def test_the_stage_is_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    found = decide(facts(case["facts"]), PACK)
    assert found.stage[0] == case["stage"]
    if case["stage"] > 1 and case["trigger"] != "backstop_30":
        assert case["trigger"] in [reason.trigger for reason in found.stage_reasons[0]]


@pytest.mark.parametrize("case", OBSERVED, ids=[case["why"] for case in OBSERVED])
def test_the_observation_is_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    dues = [day(one) for one in case["dues"]] if "dues" in case else MONTHLY
    days = {name: [day(one) for one in case.get(name, [])] for name in ("changes", "misses", "resolved")}
    found = observe(days["changes"], dues, days["misses"], days["resolved"], day(case["as_of"]))
    assert found is not None
    for name, value in case["expect"].items():
        wanted = day(value) if isinstance(value, datetime.date) else value
        assert getattr(found, name) == wanted, name


def test_nothing_is_observed_where_nothing_was_changed() -> None:
    assert observe([], MONTHLY, [], [], 20_000) is None


@given(st.lists(st.integers(19_000, 20_500), max_size=4), st.lists(st.integers(19_000, 20_500), max_size=6))
def test_an_observation_always_has_an_end_after_the_day_it_is_asked_on(changes: list[int], misses: list[int]) -> None:
    found = observe(sorted(set(changes)), MONTHLY, sorted(set(misses)), [], 20_600)
    assert found is None or (found.active and found.until > 20_600)
