"""Grades and tiers at their edges, floors, and how slowly a tier improves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.clock import month_end
from features.standing import STATUSES
from policy.pack import load_pack
from policy.tiers import NO_FLOOR, NO_TIER, State, Tiering, grade, tier

PACK = load_pack()
CASES = tomllib.loads((Path(__file__).parent / "golden" / "tiers.toml").read_text("utf-8"))["case"]
MONTHS = st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 0, 5, 8, 31, 61])), min_size=1, max_size=12)


def month(number: int) -> np.ndarray:
    return month_end(np.array([600 + number]))


def scored(
    pd: float, number: int, dpd: int = 0, before: State | None = None, status: str = "scored", **more: Any
) -> Tiering:
    """One loan at the end of month `number`."""
    code = np.array([STATUSES.index(status)], np.int8)
    given_pd = np.array([pd if status == "scored" else np.nan])
    return tier(given_pd, np.array([dpd]), code, PACK, as_of=month(number), previous=before, **more)


def name(tiering: Tiering) -> str:
    return "" if tiering.tier[0] == NO_TIER else PACK.tier_of(int(tiering.tier[0])).code


def run(months: list[tuple[float, int]]) -> list[Tiering]:
    found: list[Tiering] = []
    for number, (pd, dpd) in enumerate(months):
        found.append(scored(pd, number, dpd, found[-1].state if found else None))
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_tier_is_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    pd, flags = case.get("pd", np.nan), {flag: np.array([True]) for flag in case.get("flags", [])}
    found = scored(pd, 0, case.get("dpd", 0), status=case.get("status", "scored"), flags=flags)
    step = grade(np.array([pd]), PACK)[0]
    assert name(found) == case.get("tier", ""), case["why"]
    assert ("" if step < 0 else PACK.grades[step].code) == case.get("grade", ""), case["why"]
    floor = found.floor[0]
    assert ("" if floor == NO_FLOOR else PACK.floors[floor].id) == case.get("floor", ""), case["why"]


def test_a_worse_tier_holds_at_once() -> None:
    assert [name(one) for one in run([(0.001, 0), (0.2, 0)])] == ["T1", "T4"]


def test_a_better_tier_waits_for_two_clean_months() -> None:
    found = run([(0.2, 0), (0.001, 0), (0.001, 0)])
    assert [name(one) for one in found] == ["T4", "T4", "T1"]
    assert [bool(one.held[0]) for one in found] == [False, True, False]


def test_a_month_in_arrears_starts_the_count_again() -> None:
    found = run([(0.2, 0), (0.001, 0), (0.001, 3), (0.001, 0), (0.001, 0)])
    assert [name(one) for one in found] == ["T4", "T4", "T4", "T4", "T1"]


def test_the_upgrade_goes_to_the_worst_tier_due_in_the_clean_months() -> None:
    assert [name(one) for one in run([(0.2, 0), (0.05, 0), (0.001, 0)])] == ["T4", "T4", "T3"]


def test_scoring_twice_in_a_month_counts_once() -> None:
    first = scored(0.2, 0)
    second = scored(0.001, 1, before=first.state)
    again = scored(0.001, 1, before=second.state)
    assert [name(one) for one in (first, second, again)] == ["T4", "T4", "T4"]
    assert name(scored(0.001, 2, before=again.state)) == "T1"


def test_a_month_left_out_breaks_the_run() -> None:
    second = scored(0.001, 1, before=scored(0.2, 0).state)
    assert name(scored(0.001, 3, before=second.state)) == "T4"


def test_a_month_without_complete_feeds_is_not_clean() -> None:
    before, unknown = scored(0.2, 0).state, np.array([False])
    second = scored(0.001, 1, before=before, covered=unknown)
    assert name(scored(0.001, 2, before=second.state)) == "T4"


def test_out_of_default_a_loan_starts_from_the_worst_tier() -> None:
    default = scored(np.nan, 0, dpd=100, status="in_default")
    first = scored(0.02, 1, before=default.state)
    assert [name(default), name(first), name(scored(0.02, 2, before=first.state))] == ["D", "T5", "T2"]


def test_a_loan_of_status_scored_without_a_pd_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 loans of status scored have no PD"):
        scored(np.nan, 0)


@given(MONTHS)
def test_no_tier_is_better_than_its_pd_and_floors_demand(months: list[tuple[float, int]]) -> None:
    for held, (pd, dpd) in zip(run(months), months, strict=True):
        assert held.tier[0] >= scored(pd, 0, dpd).tier[0]


@given(MONTHS)
def test_many_loans_get_what_each_gets_alone(months: list[tuple[float, int]]) -> None:
    n = len(months)
    pds, dpds = (np.array(column) for column in zip(*months, strict=True))
    status, as_of = np.zeros(n, np.int8), np.repeat(month(0), n)
    before = tier(pds[::-1].copy(), dpds, status, PACK, as_of=as_of).state
    together = tier(pds, dpds, status, PACK, as_of=as_of + 28, previous=before)
    for i in range(n):
        one = State(before.tier[[i]], before.clean[[i]], before.offered[[i]], before.month[[i]])
        alone = tier(pds[[i]], dpds[[i]], status[[i]], PACK, as_of=as_of[[i]] + 28, previous=one)
        assert alone.tier[0] == together.tier[i]
