"""The timeline: golden verdicts, shifts named, chance left alone, immature months without a truth."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from monitoring.csi import Reference, reference
from monitoring.timeline.counts import ALL, BUCKETS, Baseline, Counts
from monitoring.timeline.figures import Asked, Timeline, timeline
from monitoring.timeline.verdict import ACT, OK, WATCH
from policy.vocabulary import FIGURES

NAMES = ("income", "age")
DAYS = [(date(2024, month, 28) - date(1970, 1, 1)).days for month in (1, 2, 3)]
GRADES = ("G1", "G2")


def _draw(n: int, seed: int, shift: float = 0.0, gone: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 2)).astype(np.float32)
    x[:, 0] += np.float32(shift)
    x[random.random(n) < gone, 1] = np.nan
    return x


def _pd(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).beta(1.0, 20.0, n)


def _baseline(n: int = 4000) -> Baseline:
    who, x = np.arange(n), np.column_stack([_pd(n, 1).astype(np.float32), _draw(n, 2)])
    whole = reference(x, ("pd", *NAMES), who)
    return Baseline(dict.fromkeys(BUCKETS, whole))


def _state(n: int = 3000, shift: float = 0.0, gone: float = 0.0, low: float = 1.0, mature: bool = True) -> Timeline:
    """Three months of `n` borrowers; `low`: how many times as many default as the PDs say."""
    baseline = _baseline()
    counts, frames = Counts.none(baseline, DAYS, NAMES), []
    for k, day in enumerate(DAYS):
        random = np.random.default_rng(50 + k)
        pd, late, last = _pd(n, 10 + k), random.random(n) < 0.05, day == DAYS[-1]
        x = _draw(n, 20 + k, shift * last, gone * last)
        counts.add(baseline, x, np.full(n, day), late)
        known = mature and not last
        frames.append(
            pl.DataFrame(
                {
                    "loan_id": [f"L{i}" for i in range(n)],
                    "borrower_id": [f"B{i}" for i in range(n)],
                    "as_of": np.full(n, day).astype("datetime64[D]"),
                    "dpd": np.where(late, 5.0, 0.0),
                    "pd": pd,
                    "grade": (pd > 0.05).astype(np.int16),
                    "challenger_pd": np.full(n, np.nan),
                    "challenger_grade": np.full(n, -1, np.int16),
                    "y": (random.random(n) < low * pd).astype(float) if known else np.full(n, np.nan),
                    "roll": (random.random(n) < pd).astype(float) if not last else np.full(n, np.nan),
                    "cashflow_age": np.full(n, 3.0),
                    "bureau_age": np.full(n, 20.0),
                    "mismatch": np.zeros(n),
                }
            )
        )
    asked = Asked("b" * 64, "default_12m", 12, GRADES, ("income",), 0.6)
    return timeline(pl.concat(frames), counts, baseline, asked)


def test_an_unshifted_book_is_ok() -> None:
    found = _state()
    assert (found.verdict.level, found.verdict.findings) == (OK, ())
    whole = found.tables["feature_csi"].filter(pl.col("bucket") == ALL)
    assert not whole["trips"].any()


def test_a_shifted_feature_trips_and_is_named() -> None:
    found = _state(shift=1.0)
    assert found.verdict.level == ACT
    assert [(one.code, one.values["feature"]) for one in found.verdict.findings] == [("feature_csi", "income")]
    assert found.policy["csi_top10_max"] > 0.25


def test_a_small_book_raises_no_false_alarm() -> None:
    assert _state(n=40, mature=False).verdict.level == OK


def test_a_feed_that_stops_is_watched() -> None:
    found = _state(gone=0.2)
    assert found.verdict.level == WATCH
    assert found.verdict.findings[0].values["feature"] == "age"
    assert found.policy["missing_rate_rise_max"] == pytest.approx(0.2, abs=0.03)


def test_too_many_defaults_ask_for_action() -> None:
    found = _state(low=2.0)
    assert found.verdict.level == ACT
    assert found.verdict.findings[0].code == "pd_low"
    assert found.book.oe > 1.25


def test_immature_months_have_no_truth() -> None:
    found = _state()
    assert found.tables["truth"]["as_of"].to_list() == [date(2024, 1, 28), date(2024, 2, 28)]
    none = _state(mature=False)
    assert len(none.tables["truth"]) == 0 and "grades" not in none.tables
    assert none.stable_by == "early"


def test_policy_knows_the_figures() -> None:
    assert set(_state().policy) <= set(FIGURES)
    assert {"score_psi", "score_psi_critical", "csi_top10_max", "missing_rate_rise_max"} <= set(_state().policy)


def test_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    baseline, x, late = _baseline(500), _draw(200, 3), np.arange(200) % 4 == 0
    day = np.repeat(DAYS[:2], 100)
    whole, one, two = (Counts.none(baseline, DAYS, NAMES) for _ in range(3))
    whole.add(baseline, x, day, late)
    one.add(baseline, x[:77], day[:77], late[:77])
    two.add(baseline, x[77:], day[77:], late[77:])
    assert np.array_equal(one.plus(two).cells, whole.cells)
    assert whole.cells[0, BUCKETS.index(ALL), 0].sum() == 100


def test_a_reference_without_buckets_still_serves_the_whole() -> None:
    plain = {"bins": {"pd": {"edges": [0.5]}}, "counts": {"pd": [3.0, 1.0, 0.0]}, "borrowers": 4}
    found = Baseline.of(plain)
    assert isinstance(found.by_bucket[ALL], Reference)
    assert list(found.by_bucket) == [ALL]
