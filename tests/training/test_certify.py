"""The certificate finds a model that turns, on every value a feature can take."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from models.booster import Booster
from training.certify import certify


@pytest.fixture(scope="module")
def hump() -> Booster:
    """Trees that rise and fall again in column 0, rise in column 1, and never look at column 2."""
    random = np.random.default_rng(4)
    x = random.normal(size=(3000, 3)).astype(np.float32)
    x[:, 2] = 0
    y = (random.random(3000) < 1 / (1 + np.exp(-(1 - x[:, 0] ** 2 + x[:, 1])))).astype(float)
    x[random.random(x.shape) < 0.05] = np.nan
    parameters = {"objective": "binary", "num_leaves": 8, "verbosity": -1, "monotone_constraints": [0, 1, 1]}
    trained = lightgbm.train(parameters, lightgbm.Dataset(x, y), 20)
    return Booster(trained.model_to_string(), 1)


ROWS = np.random.default_rng(9).normal(size=(50, 3)).astype(np.float32)


def test_a_feature_that_turns_is_named(hump: Booster) -> None:
    found = certify(hump, ROWS, (1, 1, 1), ("hump", "rise", "unread"))  # type: ignore[arg-type]
    assert set(found["violations"]) == {"hump"}
    assert not found["holds"]
    assert (found["features"], found["unread"]) == (2, 1)


def test_features_that_keep_their_direction_are_certified(hump: Booster) -> None:
    found = certify(hump, ROWS, (0, 1, 0), ("hump", "rise", "unread"))  # type: ignore[arg-type]
    assert found["holds"]
    assert found["rows"] == 50
    cuts = len(hump.thresholds()[1])
    assert found["steps"] == 50 * 2 * cuts  # every threshold, a value between any two, and both ends


def test_missing_values_are_told_apart(hump: Booster) -> None:
    found = certify(hump, ROWS, (1, 1, 0), ("hump", "rise", "unread"))  # type: ignore[arg-type]
    assert set(found["missing_lowers"]) | set(found["missing_raises"]) <= {"hump", "rise"}


def test_a_split_that_only_asks_whether_a_value_is_there_turns_nothing() -> None:
    random = np.random.default_rng(5)
    x = random.normal(size=(2000, 2)).astype(np.float32)
    x[random.random(2000) < 0.5, 0] = np.nan
    y = (random.random(2000) < np.where(np.isnan(x[:, 0]), 0.6, 0.1)).astype(float)
    parameters = {"objective": "binary", "num_leaves": 2, "verbosity": -1, "monotone_constraints": [1, 1]}
    text = lightgbm.train(parameters, lightgbm.Dataset(x, y), 1).model_to_string()
    model = Booster(text, 1)
    assert np.isinf(model.thresholds()[0]).all()
    found = certify(model, x[:50], (1, 1), ("asked", "other"))  # type: ignore[arg-type]
    assert found["holds"]
    assert (found["missing_lowers"], found["missing_raises"]) == ([], ["asked"])
