"""The timeline: golden verdicts, shifts named, chance left alone, immature months without a truth."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from timelines import DAYS, NAMES, baseline, draw, state

from monitoring.csi import Reference
from monitoring.timeline.counts import ALL, BUCKETS, Baseline, Counts
from monitoring.timeline.truth import swaps
from monitoring.timeline.verdict import ACT, OK, WATCH
from policy.vocabulary import FIGURES


def test_an_unshifted_book_is_ok() -> None:
    found = state()
    assert (found.verdict.level, found.verdict.findings) == (OK, ())
    whole = found.tables["feature_csi"].filter(pl.col("bucket") == ALL)
    assert not whole["trips"].any()


def test_a_shifted_feature_trips_and_is_named() -> None:
    found = state(shift=1.0)
    assert found.verdict.level == ACT
    assert [(one.code, one.values["feature"]) for one in found.verdict.findings] == [("feature_csi", "income")]
    assert found.policy["csi_top10_max"] > 0.25


def test_a_small_book_raises_no_false_alarm() -> None:
    assert state(n=40, mature=False).verdict.level == OK


def test_a_feed_that_stops_is_watched() -> None:
    found = state(gone=0.2)
    assert found.verdict.level == WATCH
    assert found.verdict.findings[0].values["feature"] == "age"
    assert found.policy["missing_rate_rise_max"] == pytest.approx(0.2, abs=0.03)


def test_too_many_defaults_ask_for_action() -> None:
    found = state(low=2.0)
    assert found.verdict.level == ACT
    assert found.verdict.findings[0].code == "pd_low"
    assert found.book.oe > 1.25


def test_immature_months_have_no_truth() -> None:
    found = state()
    assert found.tables["truth"]["as_of"].to_list() == [date(2024, 1, 28), date(2024, 2, 28)]
    none = state(mature=False)
    assert len(none.tables["truth"]) == 0
    assert "grades" not in none.tables
    assert none.stable_by == "early"


def test_policy_knows_the_figures() -> None:
    assert set(state().policy) <= set(FIGURES)
    assert {"score_psi", "score_psi_critical", "csi_top10_max", "missing_rate_rise_max"} <= set(state().policy)


def test_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    then, x, late = baseline(500), draw(200, 3), np.arange(200) % 4 == 0
    day = np.repeat(DAYS[:2], 100)
    whole, one, two = (Counts.none(then, DAYS, NAMES) for _ in range(3))
    whole.add(then, x, day, late)
    one.add(then, x[:77], day[:77], late[:77])
    two.add(then, x[77:], day[77:], late[77:])
    assert np.array_equal(one.plus(two).cells, whole.cells)
    assert whole.cells[0, BUCKETS.index(ALL), 0].sum() == 100


def test_a_reference_without_buckets_still_serves_the_whole() -> None:
    plain = {"bins": {"pd": {"edges": [0.5]}}, "counts": {"pd": [3.0, 1.0, 0.0]}, "borrowers": 4}
    found = Baseline.of(plain)
    assert isinstance(found.by_bucket[ALL], Reference)
    assert list(found.by_bucket) == [ALL]


def test_who_changes_grade_by_hand() -> None:
    nan = float("nan")
    rows = pl.DataFrame(
        {
            "pd": [0.1, 0.2, 0.1, 0.3, 0.5],
            "challenger_pd": [0.4, 0.4, 0.1, 0.1, nan],
            "grade": pl.Series([1, 1, 1, 2, 3], dtype=pl.Int16),
            "challenger_grade": pl.Series([2, 2, 1, 1, -1], dtype=pl.Int16),
            "roll": [1.0, 0.0, 0.0, nan, 1.0],
            "y": [1.0, nan, nan, nan, nan],
        }
    )
    found = swaps(rows)
    # two loans are graded worse: one of two got worse, the one that is mature defaulted; the last has no challenger
    assert found.rows() == [
        ("better", 1, 0.3, 0.1, 0, None, 0, None),
        ("same", 1, 0.1, 0.1, 1, 0.0, 0, None),
        ("worse", 2, pytest.approx(0.15), 0.4, 2, 0.5, 1, 1.0),
    ]
