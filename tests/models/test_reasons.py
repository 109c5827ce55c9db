"""Reasons: the families that weigh most, in words, with the value beside what is typical."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.bundle import Bundle
from models.predict import Model
from models.ranking import NONE, families, rank
from models.reasons import reasons

#                dpd_now  late_rate  paid_ratio  annual_rate  mob    base
CONTRIBUTIONS = [0.5, 0.1, -0.4, 0.9, 0.2, -2.0]


def told(bundle: Bundle, columns, contributions=None, values=(35, 0.25, 1.0, 0.18, 14)):
    x = np.array([values], np.float32)
    return reasons(np.array([contributions or CONTRIBUTIONS]), x, bundle, columns)[0]


def test_families_are_ranked_by_their_sum(bundle: Bundle, columns) -> None:
    found = told(bundle, columns)
    assert [(one.family, one.direction) for one in found] == [
        ("EXPO", "adverse"), ("DPD", "adverse"), ("AMT", "protective")
    ]  # fmt: skip
    assert [one.contribution for one in found] == pytest.approx([1.1, 0.6, -0.4])


def test_a_feature_that_may_not_be_shown_never_leads(bundle: Bundle, columns) -> None:
    assert told(bundle, columns)[0].lead == "mob"
    hidden = told(bundle, columns, [0.5, 0.1, -0.4, 0.9, -0.1, -2.0])
    assert [one.family for one in hidden] == ["DPD", "AMT"]


def test_the_text_gives_the_value_in_its_unit_beside_the_typical_one(bundle: Bundle, columns) -> None:
    usual = [replace(one, median=0.0) for one in bundle.reference]
    found = told(replace(bundle, reference=tuple(usual)), columns)[1]
    assert found.text["en"] == "Days past due now: 35 days (typical 0 days)"
    assert found.text["zh"] == "当前逾期天数：35天（一般为0天）"
    assert (found.value, found.typical) == (35, 0)


def test_what_was_not_observed_is_said_to_be_so(bundle: Bundle, columns) -> None:
    found = told(bundle, columns, values=(np.nan, 0.25, 1.0, 0.18, 14))[1]
    assert found.value is None
    assert "not observed" in found.text["en"]


def test_ties_go_to_the_earlier_family_and_column(columns) -> None:
    tied = rank(np.array([[0.2, 0.2, 0.4, 0.0, 0.4, 0.0]]), columns, 3, 1)
    assert [families(columns)[one] for one in tied.family[0]] == ["DPD", "AMT", "EXPO"]
    assert columns[tied.lead[0, 0]].name == "dpd_now"


def test_what_does_not_weigh_is_no_reason(columns) -> None:
    none = rank(np.array([[0.004, 0.0, -0.5, 0.0, 0.0, 0.0]]), columns, 4, 1)
    assert np.all(none.lead == NONE)
    assert np.all(np.isnan(none.contribution))


def test_there_are_never_more_than_asked_for(bundle: Bundle, columns, x: np.ndarray) -> None:
    contributions = Model(bundle).contributions(x)
    for found in reasons(contributions, x, bundle, columns, n_adverse=1, n_protective=1):
        assert sum(one.direction == "adverse" for one in found) <= 1
        assert sum(one.direction == "protective" for one in found) <= 1
        assert all(one.lead != "annual_rate" for one in found)


def test_columns_of_another_order_are_an_error(bundle: Bundle, columns, x: np.ndarray) -> None:
    with pytest.raises(ValueError, match="columns are not the bundle's features"):
        reasons(np.zeros((1, 6)), x[:1], bundle, columns[::-1])
