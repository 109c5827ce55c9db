"""The call for single rows gives the numbers of the call for many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np
import pytest

from models.booster import Booster
from models.booster_row import one_row


@pytest.fixture(scope="module")
def text() -> str:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2_000, 12))
    x[rng.random(x.shape) < 0.2] = np.nan
    y = (np.nan_to_num(x[:, 0]) + 0.4 * np.nan_to_num(x[:, 3]) + rng.normal(size=2_000) > 0.5).astype(int)
    parameters = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1}
    return str(lightgbm.train(parameters, lightgbm.Dataset(x, y), 60).model_to_string())


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(4)
    x = rng.normal(0, 2, size=(500, 12)).astype(np.float32)
    x[rng.random(x.shape) < 0.2] = np.nan
    x[:4] = np.array([np.nan, 0, np.inf, -3e38], np.float32)[:, None]
    return x


def test_one_row_has_the_bits_of_many(text: str, rows: np.ndarray) -> None:
    booster = Booster(text, 1)
    many = booster.raw(rows)
    assert len(np.unique(many)) > 300
    assert [booster.raw(rows[[k]]).tobytes() for k in range(len(rows))] == [one.tobytes() for one in many]


def test_threads_do_not_meet_in_the_buffers(text: str, rows: np.ndarray) -> None:
    booster = Booster(text, 1)
    many = booster.raw(rows)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: float(booster.raw(rows[[k]])[0]), list(range(len(rows))) * 4))
    assert found == many.tolist() * 4


def test_an_answer_is_not_changed_by_the_next(text: str, rows: np.ndarray) -> None:
    booster = Booster(text, 1)
    first = booster.raw(rows[[5]])
    before = first.copy()
    booster.raw(rows[[6]])
    assert np.array_equal(first, before)


def test_a_lightgbm_without_that_call_is_asked_the_other_way(
    text: str, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Booster(text, 1).raw(rows[:3])
    monkeypatch.setattr(lightgbm.basic, "_LIB", object())
    assert one_row(lightgbm.Booster.__new__(lightgbm.Booster), 1) is None
    monkeypatch.undo()
    slow = Booster(text, 1)
    slow._one = None
    assert np.array_equal(np.concatenate([slow.raw(rows[[k]]) for k in range(3)]), expected)
