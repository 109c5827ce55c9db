"""Slices do not overlap in time or in borrowers, and a history too short is refused with what it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from book.clock import end_of_day, month_end
from book.errors import Refusal
from monitoring.outcome import mature
from monitoring.target import Target
from training.split import (
    CALIBRATE,
    HELD_OUT,
    MIN_OOT,
    MIN_TRAIN,
    OOT,
    STOP,
    TRAIN,
    UNUSED,
    Split,
    draws,
    last_day,
    plan,
    roles,
)

ZONE = "Asia/Shanghai"
JANUARY_2020 = 600  # months since 1970-01


def cutoff(month: int, days: int = 0) -> int:
    return int(end_of_day(np.array([last_day(month) + days]), ZONE)[0])


def test_forty_eight_months_give_a_training_year_and_half_a_year_out_of_time() -> None:
    split = plan(JANUARY_2020 + 3, cutoff(JANUARY_2020 + 47), Target(), ZONE)
    assert split.dates == {
        "train_first": "2020-04-30",
        "train_last": "2021-05-31",
        "calibration_first": "2021-03-31",
        "calibration_last": "2021-05-31",
        "oot_first": "2022-06-30",
        "oot_last": "2022-11-30",
    }


@given(st.integers(0, 60), st.sampled_from([3, 6, 12]), st.integers(0, 40), st.integers(3, 9))
def test_the_embargo_holds_and_everything_used_is_mature(length: int, horizon: int, lag: int, oot: int) -> None:
    target, end = Target(horizon, lag_days=lag), cutoff(JANUARY_2020 + length)
    try:
        split = plan(JANUARY_2020, end, target, ZONE, oot)
    except Refusal:
        assume(False)
    known_on = last_day(split.train_last + horizon) + lag
    assert known_on <= last_day(split.oot_first)
    assert mature(month_end(split.months), target, end, ZONE).all()
    assert not mature(month_end(np.array([split.oot_last + 1])), target, end, ZONE).any()
    assert split.train_last - split.train_first + 1 >= MIN_TRAIN
    assert MIN_OOT <= split.oot_last - split.oot_first + 1 <= max(oot, MIN_OOT)


@given(st.sampled_from([3, 6, 12]), st.integers(0, 40))
def test_a_refusal_names_the_day_that_is_enough_and_not_a_day_more(horizon: int, lag: int) -> None:
    target = Target(horizon, lag_days=lag)
    with pytest.raises(Refusal) as caught:
        plan(JANUARY_2020, cutoff(JANUARY_2020), target, ZONE)
    needed = np.datetime64(str(caught.value).split("needed: records to ")[1][:10]).astype(int)
    enough = end_of_day(np.array([needed, needed - 1]), ZONE)
    assert plan(JANUARY_2020, int(enough[0]), target, ZONE).train_first == JANUARY_2020
    with pytest.raises(Refusal):
        plan(JANUARY_2020, int(enough[1]), target, ZONE)


def test_a_refusal_says_which_horizons_would_fit() -> None:
    with pytest.raises(Refusal, match=r"horizon of 12 months: .* from 2020-01-31.*horizons that fit: 3, 6"):
        plan(JANUARY_2020, cutoff(JANUARY_2020 + 21), Target(), ZONE)
    with pytest.raises(Refusal, match="no shorter horizon fits either"):
        plan(JANUARY_2020, cutoff(JANUARY_2020 + 2), Target(), ZONE)


def panel(loans: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, Split]:
    """Every loan in every month of a split; two loans a borrower."""
    split = Split(600, 611, 624, 629)
    loan, month = (grid.reshape(-1) for grid in np.meshgrid(np.arange(loans), split.months, indexing="ij"))
    borrower = loan // 2
    shares = (draws([f"L{n}" for n in range(loans)], 1), draws([f"B{n}" for n in range(loans)], 1))
    return loan, month, borrower, roles(loan, borrower, month, *shares, split, (0.2, 0.3)), split


def test_no_borrower_is_in_two_of_training_stopping_and_calibration() -> None:
    _, _, borrower, role, _ = panel()
    groups = [set(borrower[role == one]) for one in (TRAIN, STOP, CALIBRATE)]
    assert all(groups)
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]


def test_training_keeps_one_row_per_loan_and_quarter() -> None:
    loan, month, _, role, split = panel()
    train = role == TRAIN
    counts = np.bincount(loan[train])
    assert set(counts[counts > 0]) == {(split.train_last - split.train_first + 1) // 3}
    assert len(np.unique(month[train])) == 12


def test_stopping_and_calibration_use_the_last_months_of_training_only() -> None:
    _, month, _, role, split = panel()
    for one in (STOP, CALIBRATE):
        assert month[role == one].min() == split.train_last - HELD_OUT + 1
        assert month[role == one].max() == split.train_last


def test_out_of_time_is_the_whole_book() -> None:
    _, month, _, role, split = panel()
    oot = (month >= split.oot_first) & (month <= split.oot_last)
    assert np.array_equal(role == OOT, oot)
    assert np.any(role == UNUSED)


def test_draws_depend_on_the_id_and_the_seed_alone() -> None:
    assert draws(["a", "b"], 1)[1] == draws(["b"], 1)[0]
    assert draws(["a"], 1)[0] != draws(["a"], 2)[0]
    many = draws([f"L{n}" for n in range(4000)], 3)
    assert abs(many.mean() - 0.5) < 0.02
