"""Why a score moved: exact, by family, and only within one model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bundle import Bundle
from models.moved import Told, TwoModels, moved
from models.predict import Model


def told(values: list[float], contributions: list[float], bundle: str = "a" * 64) -> Told:
    return Told(bundle, np.array(contributions), np.array(values, np.float32))


BEFORE = told([0, 0.1, 1.0, 0.18, 10], [-0.2, 0.1, -0.3, 0.2, 0.1])
AFTER = told([12, 0.1, 0.8, 0.18, 13], [0.9, 0.15, -0.1, 0.2, -0.1])


def test_the_strongest_families_are_named_with_both_values(columns) -> None:
    found = moved(BEFORE, AFTER, columns)
    assert [(one.family, one.column.name) for one in found.shifts] == [
        ("DPD", "dpd_now"), ("AMT", "paid_ratio_3m"), ("EXPO", "mob"),
    ]  # fmt: skip
    assert found.shifts[0].text == {
        "en": "Days past due now: 0 days, now 12 days", "zh": "当前逾期天数：原为0天，现为12天",
    }  # fmt: skip
    assert found.by_family == pytest.approx({"DPD": 1.15, "AMT": 0.2, "EXPO": -0.2})
    assert found.change == pytest.approx(1.15)


def test_a_value_that_stayed_is_said_to_have_stayed(columns) -> None:
    later = told([0, 0.1, 1.0, 0.18, 10], [0.4, 0.1, -0.3, 0.2, 0.1])
    assert moved(BEFORE, later, columns).shifts[0].text["en"] == "Days past due now: 0 days, as before"


def test_a_feature_that_may_not_be_shown_is_not_named(columns) -> None:
    later = told([0, 0.1, 1.0, 0.30, 10], [-0.2, 0.1, -0.3, 0.9, 0.1])
    found = moved(BEFORE, later, columns)
    assert found.by_family["EXPO"] == pytest.approx(0.7)
    assert found.shifts == ()


def test_scores_of_two_models_are_refused(columns) -> None:
    with pytest.raises(TwoModels, match="two models, aaaaaaaaaaaa and bbbbbbbbbbbb; allowed: two scores of one model"):
        moved(BEFORE, told([0] * 5, [0] * 5, "b" * 64), columns)


@given(one=st.integers(0, 799), other=st.integers(0, 799))
def test_the_families_sum_to_the_difference_of_the_log_odds(
    one: int, other: int, bundle: Bundle, x: np.ndarray, columns
) -> None:
    model = Model(bundle)
    rows = x[[one, other]]
    contributions, raw = model.contributions(rows)[:, :-1], model.raw(rows)
    found = moved(*(Told(bundle.id, contributions[at], rows[at]) for at in (0, 1)), columns)
    assert found.change == sum(found.by_family.values())
    assert found.change == pytest.approx(raw[1] - raw[0], abs=1e-10)
    assert all((shift.change > 0) == (found.by_family[shift.family] > 0) for shift in found.shifts)
