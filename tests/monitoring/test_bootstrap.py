"""Intervals over borrowers: the quick figures agree with the plain ones, and dependence widens the interval."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import metrics
from monitoring.bootstrap import WEIGHTED, Interval, draws, intervals, paired
from monitoring.weighted import CELLS, Ladder

FIGURES = {
    "auc": metrics.auc,
    "ks": metrics.ks,
    "oe": metrics.observed_expected,
    "slope": metrics.calibration_slope,
    "capture_5": lambda y, pd: metrics.capture(y, pd, 0.05),
    "precision_5": lambda y, pd: metrics.precision(y, pd, 0.05),
}


def drawn(n: int, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    pd = random.beta(0.8, 8, n)
    return (random.random(n) < pd).astype(float), pd


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 99)), min_size=1, max_size=40))
def test_figures_of_weighted_rows_are_those_of_repeated_rows(rows: list[tuple[bool, int]]) -> None:
    y = np.array([float(event) for event, _ in rows])
    pd = np.array([percent / 100 for _, percent in rows])
    times = np.arange(len(rows)) % 3
    if not times.sum():
        return
    ladder = Ladder.of(y, pd)
    cells = ladder.cells(times.astype(float)[ladder.order])
    for name, plain in FIGURES.items():
        said = plain(np.repeat(y, times), np.repeat(pd, times))
        if name != "slope" or 0.02 < abs(said) < 50:
            assert WEIGHTED[name](cells) == pytest.approx(said, nan_ok=True, abs=1e-6), name


def test_many_probabilities_lose_next_to_nothing_in_cells() -> None:
    y, pd = drawn(20_000)
    ladder = Ladder.of(y, pd)
    assert len(ladder.starts) <= CELLS
    cells = ladder.cells(np.ones(len(y)))
    for name, figure in WEIGHTED.items():
        assert figure(cells) == pytest.approx(metrics.figures(y, pd)[name], abs=5e-4), name


def test_two_borrowers_are_drawn_as_all_four_pairs() -> None:
    seen = {tuple(weight) for weight in draws(np.array([7, 7, 9]), 60, 1)}
    assert seen == {tuple(pair.count(who) for who in (7, 7, 9)) for pair in itertools.product((7, 9), repeat=2)}


def test_the_same_seed_gives_the_same_interval() -> None:
    y, pd = drawn(500)
    one, other = (intervals(y, pd, np.arange(500) // 3, 50, seed=4) for _ in range(2))
    assert one == other
    assert one["auc"].low < one["auc"].value < one["auc"].high


def test_rows_told_twice_do_not_make_it_surer() -> None:
    y, pd = drawn(2000)
    once = intervals(y, pd, np.arange(2000), 100)["oe"]
    twice = intervals(np.tile(y, 2), np.tile(pd, 2), np.tile(np.arange(2000), 2), 100)["oe"]
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=1e-9)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        y, pd = drawn(600, seed)
        found = intervals(y, pd, np.arange(600), 60, seed)["oe"]
        held += found.low <= 1 <= found.high
    assert 50 <= held <= 60


def test_a_better_model_is_better_on_the_same_draws() -> None:
    y, pd = drawn(6000)
    noisy = pd * np.random.default_rng(9).lognormal(0, 1.5, 6000)
    found = paired(y, pd, noisy, np.arange(6000), 80)
    assert found.low > 0
    assert paired(y, pd, pd, np.arange(6000), 20) == Interval(0.0, 0.0, 0.0)


def test_without_events_nothing_is_claimed() -> None:
    found = intervals(np.zeros(20), np.linspace(0.1, 0.2, 20), np.arange(20), 20)
    assert np.isnan(found["auc"].value)
    assert found["auc"].meets(0.8, 1.0)
    assert found["oe"] == Interval(0.0, 0.0, 0.0)
    assert not found["oe"].meets(0.8, 1.25)
