"""A calibration is plain data, keeps the order of the scores and does not depend on how rows are grouped."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import Calibration, sigmoid

PLATT = Calibration("platt", slope=0.9, intercept=-0.2)
ISOTONIC = Calibration("isotonic", knots=(-4.0, -2.0, 0.5), values=(-5.0, -3.0, 1.0))
RAW = st.lists(st.floats(-30, 30), min_size=1, max_size=40)


def test_platt_is_a_line_in_log_odds() -> None:
    assert PLATT.apply(np.array([1.0]))[0] == pytest.approx(1 / (1 + np.exp(-0.7)))


def test_isotonic_runs_straight_between_the_centres_of_its_blocks() -> None:
    assert ISOTONIC.log_odds(np.array([-4.0, -3.0, 0.5])) == pytest.approx([-5, -4, 1])


@pytest.mark.parametrize("calibration", [PLATT, ISOTONIC])
@given(raw=RAW)
def test_order_of_the_raw_scores_is_kept(calibration: Calibration, raw: list[float]) -> None:
    rising = np.unique(np.round(raw, 3))
    assert np.all(np.diff(calibration.log_odds(rising)) > 0)


@pytest.mark.parametrize("calibration", [PLATT, ISOTONIC])
@given(raw=RAW)
def test_one_row_alone_gets_the_same_bits(calibration: Calibration, raw: list[float]) -> None:
    together = calibration.apply(np.array(raw))
    alone = np.concatenate([calibration.apply(np.array([value])) for value in raw])
    assert together.tobytes() == alone.tobytes()


@pytest.mark.parametrize("calibration", [PLATT, ISOTONIC, ISOTONIC.shifted(0.25)])
def test_it_survives_being_written_as_json(calibration: Calibration) -> None:
    assert Calibration.read(json.loads(json.dumps(calibration.data()))) == calibration


def test_a_shift_moves_the_log_odds_of_every_score() -> None:
    raw = np.array([-6.0, -1.0, 3.0])
    assert ISOTONIC.shifted(0.5).log_odds(raw) - ISOTONIC.log_odds(raw) == pytest.approx(0.5)


def test_extreme_log_odds_stay_within_zero_and_one() -> None:
    assert sigmoid(np.array([-2000.0, 2000.0])).tolist() == [0.0, 1.0]


def test_every_fault_of_the_data_is_named() -> None:
    with pytest.raises(ValueError, match=r"2 knots and 3 values.*knots must rise strictly"):
        Calibration("isotonic", knots=(1.0, 0.0), values=(1.0, 2.0, 3.0))
    with pytest.raises(ValueError, match=r"slope is -1.0, must be above 0"):
        Calibration("platt", slope=-1.0)
