"""Calibration on its own slice: Platt, isotonic where events are many, intercept alone where they are few."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from book.errors import Refusal
from models.calibration import sigmoid
from training.calibrate import calibrate, shift_to


def slice_of(n: int, intercept: float = -2.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    raw = random.normal(size=n)
    return raw, (random.random(n) < sigmoid(0.7 * raw + intercept)).astype(float)


def test_platt_is_the_logistic_regression_of_the_raw_score() -> None:
    raw, y = slice_of(3000)
    found = calibrate(raw, y)
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(raw[:, None], y)
    assert found.kind == "platt"
    assert found.slope == pytest.approx(reference.coef_[0, 0], abs=1e-4)
    assert found.apply(raw).mean() == pytest.approx(y.mean())


def test_from_a_thousand_events_it_is_isotonic_and_keeps_the_order() -> None:
    raw, y = slice_of(20_000)
    found = calibrate(raw, y)
    assert found.kind == "isotonic"
    assert np.all(np.diff(found.apply(np.unique(raw))) > 0)
    assert found.apply(raw).mean() == pytest.approx(y.mean(), rel=0.02)


def test_with_few_events_only_the_level_is_moved() -> None:
    raw, y = slice_of(300, intercept=-3)
    found = calibrate(raw, y)
    assert (found.kind, found.slope) == ("platt", 1.0)
    assert found.apply(raw).mean() == pytest.approx(y.mean())


def test_a_score_that_points_the_wrong_way_is_not_turned_around() -> None:
    raw, y = slice_of(3000)
    assert calibrate(-raw, y).slope == 1.0


def test_a_score_that_parts_events_and_non_events_moves_the_level_alone() -> None:
    y = np.repeat([0.0, 1.0], 100)
    found = calibrate(10 * y - 5, y)
    assert (found.kind, found.slope) == ("platt", 1.0)


def test_the_mean_is_moved_to_the_central_tendency() -> None:
    raw, y = slice_of(3000)
    assert calibrate(raw, y, central_tendency=0.05).apply(raw).mean() == pytest.approx(0.05)
    with pytest.raises(Refusal, match="central tendency is 5; must be above 0 and below 1"):
        shift_to(raw, 5)


def test_a_slice_without_events_is_refused() -> None:
    with pytest.raises(Refusal, match="the calibration slice has 0 events in 3 rows"):
        calibrate(np.zeros(3), np.zeros(3))
