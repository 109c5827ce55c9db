"""One row and many get the same bits; contributions are exact."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bundle import Bundle
from models.calibration import sigmoid
from models.predict import Model
from models.ranking import by_family


@given(rows=st.lists(st.integers(0, 799), min_size=1, max_size=30))
def test_a_row_alone_gets_the_bits_it_gets_among_others(rows: list[int], bundle: Bundle, x: np.ndarray) -> None:
    model = Model(bundle, threads=2)
    for score in (model.raw, model.pd, model.contributions):
        alone = np.concatenate([score(x[[row]]) for row in rows])
        assert alone.tobytes() == score(x[rows]).tobytes()


def test_contributions_sum_to_the_log_odds(bundle: Bundle, x: np.ndarray) -> None:
    model = Model(bundle)
    contributions = model.contributions(x)
    assert contributions.sum(axis=1) == pytest.approx(model.raw(x), abs=1e-10)
    assert np.all(contributions[:, -1] == bundle.expected)


def test_families_and_the_base_sum_to_the_log_odds(bundle: Bundle, x: np.ndarray, columns) -> None:
    model = Model(bundle)
    contributions = model.contributions(x)
    assert by_family(contributions, columns).sum(axis=1) + bundle.expected == pytest.approx(model.raw(x), abs=1e-10)


def test_the_pd_is_the_boosters_own_probability_calibrated(bundle: Bundle, x: np.ndarray) -> None:
    own = lightgbm.Booster(model_str=bundle.model_text).predict(x.astype(np.float64))
    model = Model(bundle)
    assert sigmoid(model.raw(x)) == pytest.approx(own, abs=1e-12)
    assert model.pd(x) == pytest.approx(sigmoid(0.9 * model.raw(x) - 0.1), abs=1e-15)


def test_no_rows_are_no_scores(bundle: Bundle) -> None:
    none = np.empty((0, 5), np.float32)
    model = Model(bundle)
    assert model.pd(none).shape == (0,)
    assert model.contributions(none).shape == (0, 6)


def test_another_number_of_features_is_an_error(bundle: Bundle) -> None:
    with pytest.raises(ValueError, match=r"features have shape \(1, 4\), must be \(n, 5\)"):
        Model(bundle).pd(np.zeros((1, 4), np.float32))
