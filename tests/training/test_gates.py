"""Gates fail on what chance cannot explain: leaks, wrong levels, unfair groups; and say when they cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book.load import open_book
from book.settings import Settings
from features.catalogue import CATALOGUE
from features.own import catalogue_with
from monitoring.bootstrap import Interval
from monitoring.target import Target
from policy.pack import load_pack
from training.case import Case, Groups, Rival
from training.config import Config
from training.data import Panel
from training.gates.fairness import proxy
from training.gates.future import changed_by_future
from training.gates.leaks import permuted
from training.gates.pack import Gate, load_gates
from training.gates.verdict import Found, verdict, verdicts
from training.making import make
from training.result import TrainResult
from training.split import Split
from training.validate import case_of

CONFIG = Config(rounds=60, patience=20, threads=1)
FUTURE = """
import numpy as np
from features.families.names import DPD
from features.feature import EITHER, feature
from features.history import History
from features.measures import Values
from features.units import COUNT

@feature(family=DPD, unit=COUNT, worse=EITHER, zh="付款总数")
def payments_ever(h: History) -> Values:
    \"\"\"Payments of the loan, whenever they came.\"\"\"
    rows = h.rows("payments")
    return np.diff(rows.offsets)[rows.segment(h.dossiers.loan, h.dossiers.moment)].astype(float)
"""


@pytest.fixture(scope="module")
def result(panel: Panel, split: Split) -> TrainResult:
    return make(panel, split, Target(), CONFIG, Settings())


@pytest.fixture(scope="module")
def case(result: TrainResult) -> Case:
    return case_of(result, None, None, load_pack(), replicates=40)


def by_gate(case: Case, *names: str) -> Mapping[str, Any]:
    """The verdicts of all gates, or of those named."""
    pack = load_gates()
    gates = tuple(gate for gate in pack.gates if gate.id in names or not names)
    return {one.gate.id: one for one in verdicts(case, replace(pack, gates=gates))}


def told_by(case: Case, column: str, values: np.ndarray) -> Case:
    """The case as if a feature had had other values."""
    x = case.sample.x.copy()
    x[:, CATALOGUE.names.index(column)] = values[case.sample.at]
    return replace(case, sample=replace(case.sample, x=x))


def test_a_good_model_passes_and_what_cannot_be_asked_does_not_apply(case: Case) -> None:
    found = by_gate(case)
    statuses = {name: one.status for name, one in found.items()}
    assert set(statuses.values()) <= {"pass", "not_applicable"}
    assert statuses["beats_champion"] == statuses["group_level"] == "not_applicable"
    assert statuses["canary_permuted"] == statuses["level"] == statuses["grades"] == "pass"
    assert "no champion yet" in found["beats_champion"].reason


def test_a_feature_that_knows_the_outcome_is_caught(case: Case) -> None:
    found = by_gate(told_by(case, "dpd_now", case.y), "canary_single")
    assert found["canary_single"].status == "fail"
    assert found["canary_single"].found[0].part == "dpd_now"


def test_a_feature_that_knows_a_few_outcomes_for_certain_is_caught(case: Case) -> None:
    soon = (case.y == 1) & (np.arange(len(case.y)) % 3 == 0)
    found = by_gate(told_by(case, "dpd_now", soon.astype(float)), "canary_single", "canary_current")
    assert found["canary_single"].status == "pass"
    assert found["canary_current"].status == "fail"
    assert found["canary_current"].reason == "dpd_now"


def test_a_feature_that_looks_ahead_changes_when_the_future_is_removed(small_book: Path, tmp_path: Path) -> None:
    file = tmp_path / "ahead.py"
    file.write_text(FUTURE, "utf-8")
    book, late = open_book(small_book), Split(619, 618, 636, 641)
    changed, measured = changed_by_future(book, late, catalogue_with([file]))
    assert measured > 100
    assert list(changed) == ["payments_ever"]
    assert changed_by_future(book, late, CATALOGUE) == ({}, measured)


def test_shuffled_outcomes_have_an_auc_of_one_half(panel: Panel) -> None:
    found = permuted(panel.rows, CATALOGUE.names, CATALOGUE.monotone, CONFIG)
    assert found is not None
    assert found.value == pytest.approx(0.5, abs=0.03)
    assert found.low < 0.5 < found.high


def test_probabilities_twice_too_low_fail_level_error_and_grades(case: Case) -> None:
    low = replace(case, pd=case.pd / 2)
    halved = {name: Interval(one.value * 2, one.low * 2, one.high * 2) for name, one in case.overall.items()}
    found = by_gate(replace(low, overall={**case.overall, "oe": halved["oe"]}), "level", "grades")
    assert found["level"].status == "fail"
    assert found["grades"].status == "fail"


def test_a_better_champion_is_not_given_up(case: Case) -> None:
    knows = Rival("a" * 64, np.where(case.y == 1, 0.9, 0.1), "")
    worse = Rival("a" * 64, np.random.default_rng(1).random(len(case.y)), "")
    assert by_gate(replace(case, rival=knows), "beats_champion")["beats_champion"].status == "fail"
    assert by_gate(replace(case, rival=worse), "beats_champion")["beats_champion"].status == "pass"


def test_scores_of_another_population_fail(case: Case) -> None:
    moved = replace(case, then_pd=np.clip(case.then_pd * 8, 0, 0.99))
    assert by_gate(moved, "population")["population"].status == "fail"


def test_a_power_that_falls_every_month_fails(case: Case) -> None:
    late = (case.rows.as_of - case.rows.as_of.min()) / np.ptp(case.rows.as_of)
    random = np.random.default_rng(2)
    fading = np.where(random.random(len(late)) < late, random.random(len(late)), case.pd)
    assert by_gate(replace(case, pd=fading), "steady")["steady"].status == "fail"


def test_a_turned_feature_fails(case: Case) -> None:
    turned = replace(case, certificate={"violations": {"dpd_now": 3}})
    assert by_gate(turned, "monotone")["monotone"].status == "fail"


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ([Found("", 1.4, 1.2, 1.6, 500)], "pass"),
        ([Found("", 1.4, 1.3, 1.6, 500)], "fail"),
        ([Found("", 1.4, 1.3, 1.6, 99)], "insufficient"),
        ([Found("a", 1.0, 0.9, 1.1, 500), Found("b", 9.0, 8.0, 10.0, 99)], "pass"),
        ([Found("a", 1.0, 0.9, 1.1, 500), Found("b", 9.0, 8.0, 10.0, 100)], "fail"),
        ([Found("", float("nan"), float("nan"), float("nan"), 500)], "insufficient"),
        ("nothing to compare", "not_applicable"),
    ],
)
def test_only_an_interval_wholly_outside_fails(found: Any, status: str) -> None:
    gate = Gate("level", "oe", 0.8, 1.25, None, 100, {}, {})
    told = verdict(gate, 0.1, found)
    assert told.status == status
    assert told.plain()["status"] == status


def grouped(case: Case, code: np.ndarray) -> Case:
    return replace(case, groups={"sex": Groups(code, ("f", "m"))})


def test_groups_at_random_are_treated_alike(case: Case) -> None:
    found = by_gate(grouped(case, case.rows.borrower % 2), "group_level", "group_tiers", "group_proxy")
    assert {found[name].status for name in ("group_level", "group_tiers", "group_proxy")} == {"pass"}
    assert {one.part for one in found["group_level"].found} == {"sex = f", "sex = m"}


def test_a_group_put_into_bad_tiers_fails_the_four_fifths_screen(case: Case) -> None:
    code = (case.tier >= len(case.tiers) - 2).astype(np.int64)
    found = by_gate(grouped(case, code), "group_tiers")["group_tiers"]
    assert found.status == "fail"
    assert found.reason == "sex = m : sex = f"


def test_a_feature_that_stands_in_for_a_group_is_caught(case: Case) -> None:
    code = case.rows.borrower % 2
    standing_in = told_by(grouped(case, code), "dpd_now", code.astype(float))
    assert by_gate(standing_in, "group_proxy")["group_proxy"].status == "fail"
    assert all(one.value > 0.99 for one in proxy(standing_in) if isinstance(one, Found))


def test_groups_too_small_to_judge_are_not_judged(case: Case) -> None:
    code = np.where(case.rows.borrower < 10, 0, -1)
    assert by_gate(grouped(case, code), "group_level")["group_level"].status == "not_applicable"
