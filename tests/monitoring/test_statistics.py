"""Drift, backtest, migration, stability: cases worked by hand, and what must hold for any numbers."""

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
from monitoring.backtest import binomial, bonferroni, by_grade, holm, independent, jeffreys
from monitoring.csi import csi, reference
from monitoring.migration import adjacent, bandwidth, concentration, matrix
from monitoring.psi import Bins, critical, drift, fixed_bins, psi
from monitoring.stability import stability

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "golden" / "statistics.toml").read_text("utf-8")
)
Case = Mapping[str, Any]


def golden(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CASES[name], ids=lambda case: case["title"])


@golden("psi")
def test_psi_by_hand(case: Case) -> None:
    assert psi(np.array(case["expected"], float), np.array(case["actual"], float)) == pytest.approx(
        case["psi"], abs=1e-6
    )


@golden("critical")
def test_critical_values_by_hand(case: Case) -> None:
    assert critical(case["cells"], case["n"], case["m"]) == pytest.approx(case["critical"], abs=1e-5)


@golden("jeffreys")
def test_jeffreys_by_hand(case: Case) -> None:
    assert jeffreys(case["pd"], case["defaults"], case["obligors"]) == pytest.approx(case["jeffreys"], abs=1e-6)


@golden("binomial")
def test_binomial_by_hand(case: Case) -> None:
    assert binomial(case["pd"], case["defaults"], case["obligors"]) == pytest.approx(case["binomial"], abs=1e-6)


@golden("many")
def test_corrections_for_many_tests_by_hand(case: Case) -> None:
    assert holm(case["p"]) == pytest.approx(case["holm"])
    assert bonferroni(case["p"]) == pytest.approx(case["bonferroni"])


@golden("migration")
def test_migration_by_hand(case: Case) -> None:
    counts = np.array(case["counts"])
    moved = bandwidth(counts)
    assert (moved.up, moved.down) == pytest.approx((case["up"], case["down"]), abs=1e-6)
    z, p = adjacent(counts)
    assert (z[0, 2], p[0, 2]) == pytest.approx((case["z"], case["p"]), abs=1e-5)
    assert np.isnan(np.diag(z)).all()


@golden("concentration")
def test_concentration_by_hand(case: Case) -> None:
    found = concentration(np.array(case["now"]), np.array(case["first"]))
    assert (found.cv, found.hi, found.p) == pytest.approx((case["cv"], case["hi"], case["p"]), abs=1e-4)


@golden("stability")
def test_stability_by_hand(case: Case) -> None:
    found = stability(np.array(case["ginis"]), np.array(case["days"]))
    assert (found.mean, found.slope, found.unrest, found.score) == pytest.approx(
        (case["mean"], case["slope"], case["unrest"], case["score"]), abs=1e-5
    )


def test_a_month_without_events_does_not_count_towards_stability() -> None:
    assert stability(np.array([0.6, np.nan, 0.6]), np.array([0, 31, 61])).score == pytest.approx(0.6)
    assert np.isnan(stability(np.array([np.nan]), np.array([0])).score)


def test_grades_of_loans_that_left_do_not_migrate() -> None:
    assert matrix(np.array([0, 1, -1, 1]), np.array([0, -1, 1, 2]), 3).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    still = bandwidth(np.diag([5, 5, 5]))
    assert (still.up, still.down) == (0.0, 0.0)
    assert concentration(np.array([9, 0, 0])).hi == pytest.approx(1)
    assert concentration(np.array([3, 3, 3])).hi == pytest.approx(0)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=12), st.lists(st.integers(0, 50), min_size=2, max_size=12))
def test_psi_is_never_negative_and_the_same_from_either_side(one: list[int], other: list[int]) -> None:
    size = min(len(one), len(other))
    a, b = np.array(one[:size], float), np.array(other[:size], float)
    if a.sum() and b.sum():
        assert psi(a, b) >= -1e-12
        assert psi(a, b) == pytest.approx(psi(b, a))
        assert psi(a, a) == pytest.approx(0)


def test_counts_over_other_cells_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(3,\)"):
        psi(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="both must be above 0"):
        psi(np.zeros(2), np.ones(2))


def test_a_shift_trips_above_chance_and_a_tenth() -> None:
    expected, actual = np.array([50.0, 30, 20]), np.array([30.0, 30, 40])
    assert drift(expected, actual, 5000, 5000).trips
    small = drift(expected, actual, 20, 20)
    assert small.critical > small.psi
    assert not small.trips
    assert not drift(np.array([500.0, 500]), np.array([480.0, 520]), 10**6, 10**6).trips


def test_bins_are_of_equal_mass_and_missing_is_a_cell_of_its_own() -> None:
    values = np.arange(100, dtype=np.float32)
    bins = fixed_bins(values)
    assert bins.counts(values).tolist() == [10.0] * 10 + [0.0]
    assert bins.counts(np.array([np.nan, -5.0, 500.0], np.float32)).tolist() == [1.0, *[0.0] * 8, 1.0, 1.0]
    assert fixed_bins(np.zeros(9, np.float32)) == Bins(())
    assert fixed_bins(np.array([np.nan], np.float32)).counts(np.array([np.nan, 1.0])).tolist() == [1.0, 1.0]


def test_a_feature_that_goes_missing_is_seen() -> None:
    random = np.random.default_rng(3)
    x = random.normal(size=(4000, 2)).astype(np.float32)
    who = np.arange(4000)
    then = reference(x, ("a", "b"), who)
    later = random.normal(size=(4000, 2)).astype(np.float32)
    later[:1500, 1] = np.nan
    moved = csi(then, later, ("a", "b", "new"), who)
    assert list(moved) == ["a", "b"]
    assert not moved["a"].drift.trips
    assert moved["b"].drift.trips
    assert (moved["b"].missing_then, moved["b"].missing_now) == pytest.approx((0, 0.375))


def test_independent_obligors_come_once_in_cohorts_that_do_not_overlap() -> None:
    days = month_end(600 + np.array([0, 0, 6, 12, 12, 12]))
    borrower = np.array([1, 2, 1, 1, 1, 2])
    pd = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert independent(borrower, days, pd, 12).tolist() == [0, 1, 4, 5]
    assert independent(borrower, days, pd, 6).tolist() == [0, 1, 2, 4, 5]


def test_a_grade_whose_probability_is_too_low_is_found() -> None:
    grade = np.repeat([0, 1, 2], 500)
    pd = np.repeat([0.01, 0.03, 0.10], 500)
    y = np.zeros(1500)
    y[:5], y[500:545], y[1000:1050] = 1, 1, 1
    tests, book = by_grade(grade, y, pd, ("A", "B", "C", "D"))
    assert [one.name for one in tests] == ["A", "B", "C"]
    assert tests[1].adjusted < 0.001 < 0.3 < tests[0].adjusted
    assert tests[1].oe == pytest.approx(3)
    assert book.obligors == 1500
    assert book.jeffreys < 0.05


@pytest.mark.parametrize(("pd", "defaults", "said"), [(1.2, 1, "PD is 1.2"), (0.1, 9, "9 defaults among 5")])
def test_impossible_backtests_are_refused(pd: float, defaults: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        jeffreys(pd, defaults, 5)
