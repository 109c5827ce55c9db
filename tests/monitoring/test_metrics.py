"""Figures by hand on a few rows, and against scikit-learn on many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score, roc_curve

from monitoring import metrics

Y = np.array([0, 0, 1, 0, 1], float)
PD = np.array([0.1, 0.2, 0.2, 0.4, 0.8])


def test_auc_counts_the_pairs_in_the_right_order() -> None:
    # six pairs of event and non-event: 0.2 beats 0.1, ties 0.2, loses to 0.4; 0.8 beats all three
    assert metrics.auc(Y, PD) == pytest.approx((1 + 0.5 + 0 + 3) / 6)
    assert metrics.gini(Y, PD) == pytest.approx(0.5)


def test_ks_is_the_widest_gap_of_the_two_distributions() -> None:
    # at 0.4 all three non-events lie at or below, and one of two events
    assert metrics.ks(Y, PD) == pytest.approx(0.5)


def test_brier_is_the_mean_squared_miss() -> None:
    assert metrics.brier(Y, PD) == pytest.approx((0.01 + 0.04 + 0.64 + 0.16 + 0.04) / 5)
    assert metrics.brier_skill(Y, PD) == pytest.approx(1 - 0.178 / 0.24)


def test_observed_over_expected_counts_events_per_pd() -> None:
    assert metrics.observed_expected(Y, PD) == pytest.approx(2 / 1.7)


def test_ece_weighs_the_gap_of_each_bin_by_its_rows() -> None:
    # two bins: (0.1, 0.2, 0.2) with one event, (0.4, 0.8) with one event
    assert metrics.ece(Y, PD, bins=2) == pytest.approx((abs(1 - 0.5) + abs(1 - 1.2)) / 5)


def test_a_queue_of_two_fifths_holds_one_of_two_events() -> None:
    assert metrics.capture(Y, PD, 0.4) == pytest.approx(0.5)
    assert metrics.precision(Y, PD, 0.4) == pytest.approx(0.5)
    assert metrics.lift(Y, PD, 0.4) == pytest.approx(0.5 / 0.4)


def test_a_tie_across_the_edge_of_the_queue_is_shared() -> None:
    assert metrics.capture(np.array([1.0, 0.0]), np.array([0.5, 0.5]), 0.5) == pytest.approx(0.5)


def test_probabilities_drawn_from_themselves_have_slope_one() -> None:
    random = np.random.default_rng(1)
    pd = random.uniform(0.01, 0.6, 60_000)
    y = (random.random(len(pd)) < pd).astype(float)
    assert metrics.calibration_slope(y, pd) == pytest.approx(1, abs=0.03)
    assert metrics.observed_expected(y, pd) == pytest.approx(1, abs=0.03)
    spread = 1 / (1 + np.exp(-2 * metrics.log_odds(pd)))
    assert metrics.calibration_slope(y, spread) == pytest.approx(0.5, abs=0.03)


def test_the_slope_is_found_where_the_score_is_sharp() -> None:
    random = np.random.default_rng(2)
    pd = np.where(random.random(4000) < 0.9, 0.0005, 0.97)
    y = (random.random(len(pd)) < np.where(pd > 0.5, 0.9, 0.01)).astype(float)
    at = [np.log(y[pd == one].mean() / (1 - y[pd == one].mean())) for one in (0.97, 0.0005)]
    expected = (at[0] - at[1]) / np.ptp(metrics.log_odds(pd))
    assert metrics.calibration_slope(y, pd) == pytest.approx(expected, abs=1e-6)


def test_without_events_figures_are_not_a_number() -> None:
    none = metrics.figures(np.zeros(3), np.full(3, 0.1))
    assert (none["rows"], none["events"], none["oe"]) == (3, 0, 0)
    assert all(np.isnan(none[name]) for name in ("auc", "ks", "pr_auc", "slope", "brier_skill", "lift_5"))
    assert np.isnan(metrics.figures(np.empty(0), np.empty(0))["brier"])


def test_groups_without_rows_are_left_out() -> None:
    found = metrics.by_group(Y, PD, np.array([0, 0, 0, 2, 2]), ("C", "M1", "M2"))
    assert list(found) == ["C", "M2"]
    assert found["M2"]["events"] == 1


def test_a_capacity_outside_the_book_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity is 0, must be above 0"):
        metrics.capture(Y, PD, 0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=80))
def test_figures_agree_with_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    y = np.array([float(event) for event, _ in rows])
    pd = np.array([step / 20 for _, step in rows])
    if 0 < y.sum() < len(y):
        assert metrics.auc(y, pd) == pytest.approx(roc_auc_score(y, pd))
        assert metrics.average_precision(y, pd) == pytest.approx(average_precision_score(y, pd))
        false, true, _ = roc_curve(y, pd)
        assert metrics.ks(y, pd) == pytest.approx(np.max(np.abs(true - false)))
    assert metrics.brier(y, pd) == pytest.approx(brier_score_loss(y, pd))
