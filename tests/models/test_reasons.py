"""Reasons: the families that weigh most, in words, with the value beside what is typical, checked by what-if."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bundle import Bundle
from models.predict import Model
from models.ranking import NONE, Families, by_family
from models.reasons import Reason, Reasoner, Reasons
from models.sentences import sentence

#                dpd_now  late_rate  paid_ratio  annual_rate  mob    base
CONTRIBUTIONS = [0.5, 0.1, -0.4, 0.9, 0.2, -2.0]
VALUES = (35, 0.25, 1.0, 0.18, 14)
NAN = np.nan


def rising(x: np.ndarray) -> np.ndarray:
    """A model whose every family pulls the way its contributions say."""
    return np.nan_to_num(x) @ np.array([0.1, 0.1, -0.1, 0.1, 0.1])


def typical(bundle: Bundle, *medians: float | None) -> Bundle:
    usual = [replace(one, median=median) for one, median in zip(bundle.reference, medians, strict=True)]
    return replace(bundle, reference=tuple(usual))


def tell(bundle: Bundle, columns, contributions=None, values=VALUES, ask=rising, products=("",), **more) -> Reasons:
    x = np.array([values], np.float32)
    contributed = np.array([contributions or CONTRIBUTIONS])
    return Reasoner(bundle, columns).tell(contributed, x, ask(x), products, ask, **more)


def told(bundle: Bundle, columns, *args, **kwargs) -> tuple[Reason, ...]:
    return tell(typical(bundle, 0, 0, 2, 0, 0), columns, *args, **kwargs)[0]


def test_families_are_ranked_by_their_sum(bundle: Bundle, columns) -> None:
    found = told(bundle, columns)
    assert [(one.family, one.direction, one.weak) for one in found] == [
        ("EXPO", "adverse", False), ("DPD", "adverse", False), ("AMT", "protective", True)
    ]  # fmt: skip
    assert [one.contribution for one in found] == pytest.approx([1.1, 0.6, -0.4])


def test_a_feature_that_may_not_be_shown_never_leads(bundle: Bundle, columns) -> None:
    assert told(bundle, columns)[0].lead == "mob"
    hidden = told(bundle, columns, [0.5, 0.1, -0.4, 0.9, -0.1, -2.0])
    assert [one.family for one in hidden] == ["DPD", "AMT"]
    for one in (*hidden, *told(bundle, columns)):
        assert "nterest rate" not in " ".join((*one.text.values(), *one.borrower_text.values()))


def test_the_text_gives_the_value_in_its_unit_beside_the_typical_one(bundle: Bundle, columns) -> None:
    found = told(bundle, columns)[1]
    assert found.text["en"] == "Days past due now: 35 days (typical 0 days)"
    assert found.text["zh"] == "当前逾期天数：35天（一般为0天）"
    assert (found.value, found.typical) == (35, 0)


def test_the_borrower_reads_plain_words(bundle: Bundle, columns) -> None:
    found = told(bundle, columns)[1].borrower_text
    assert found["en"] == (
        "Days past due now: 35 days; for similar loans it is usually 0 days. This made the estimated risk higher."
    )
    assert found["zh"] == "当前逾期天数：35天；同类贷款一般为0天。这使风险估计偏高。"


def test_typical_is_the_median_of_the_product_and_of_all_where_it_has_none(bundle: Bundle, columns) -> None:
    own = replace(typical(bundle, 1, 0, 2, 0, 0), products={"car": (7.0, 0.0, 2.0, 0.0, 0.0)})
    assert [tell(own, columns, products=(name,))[0][1].typical for name in ("car", "boat")] == [7, 1]


def test_an_observed_feature_leads_before_a_stronger_one_that_is_not(bundle: Bundle, columns) -> None:
    found = told(bundle, columns, [0.3, 0.4, 0, 0, 0, 0], (NAN, 0.25, 1, 0.18, 14))
    assert [(one.lead, one.doubt) for one in found] == [("late_rate_6m", "")]


def test_a_reason_that_rests_on_what_is_not_observed_says_so_and_is_weak(bundle: Bundle, columns) -> None:
    found = told(bundle, columns, [0.5, 0.1, 0, 0, 0, 0], (NAN, 0.25, 1, 0.18, 14))[0]
    assert (found.lead, found.value, found.doubt, found.weak) == ("dpd_now", None, "not_observed", True)
    assert found.text["en"] == (
        "Days past due now: not observed (typical 0 days) - it is the missing value that weighs here"
    )
    assert found.borrower_text["en"].startswith("Days past due now: we have no information on this.")


def test_an_adverse_reason_is_weak_unless_the_score_falls_at_typical_values(bundle: Bundle, columns) -> None:
    assert not told(bundle, columns, [0.5, 0, 0, 0, 0, 0])[0].weak
    stubborn = told(bundle, columns, [0.5, 0, 0, 0, 0, 0], ask=lambda x: -rising(x))[0]
    assert stubborn.doubt == "no_effect"
    assert stubborn.text["en"].endswith("- weak: typical values instead would not lower the probability")
    flat = told(bundle, columns, [0.5, 0, 0, 0, 0, 0], ask=lambda x: np.zeros(len(x)))[0]
    assert flat.doubt == "no_effect"


def test_a_protective_reason_is_weak_unless_the_score_rises_at_typical_values(bundle: Bundle, columns) -> None:
    helped = typical(bundle, 0, 0, 0.5, 0, 0)
    contributions = [0, 0, -0.5, 0, 0, 0]
    assert tell(helped, columns, contributions)[0][0].doubt == ""
    assert tell(helped, columns, contributions, values=(35, 0.25, 0.1, 0.18, 14))[0][0].doubt == "no_effect"


def test_the_what_if_sets_the_whole_family_and_nothing_else(bundle: Bundle, columns) -> None:
    asked: list[np.ndarray] = []

    def listen(x: np.ndarray) -> np.ndarray:
        asked.append(x)
        return rising(x)

    tell(typical(bundle, 1, None, 3, 4, 5), columns, [0.5, 0, 0, 0, 0, 0], ask=listen)
    assert np.array_equal(asked[-1], np.array([[1, NAN, 1.0, 0.18, 14]], np.float32), equal_nan=True)


def test_ties_go_to_the_earlier_family_and_column_whatever_the_last_digits(columns) -> None:
    for noise in (0, 1e-13, -1e-13):
        contributions = np.array([[0.2, 0.2 + noise, 0.4 + noise, 0.0, 0.4, 0.0]])
        _, adverse, _ = Families(columns).rank(contributions, np.zeros((1, 5), np.float32), 3, 0)
        assert [Families(columns).codes[one] for one in adverse.family[0]] == ["DPD", "AMT", "EXPO"]
        assert columns[adverse.lead[0, 0]].name == "dpd_now"


def test_what_does_not_weigh_is_no_reason(columns) -> None:
    contributions = np.array([[0.004, 0.0, -0.5, 0.0, 0.0, 0.0]])
    _, none, _ = Families(columns).rank(contributions, np.zeros((1, 5), np.float32), 4, 2)
    assert np.all(none.lead == NONE)
    assert np.all(np.isnan(none.contribution))


@given(rows=st.lists(st.integers(0, 799), min_size=1, max_size=20))
def test_families_and_the_base_sum_to_the_log_odds(rows: list[int], bundle: Bundle, x: np.ndarray, columns) -> None:
    model = Model(bundle)
    raw, contributions = model.raw(x[rows]), model.contributions(x[rows])
    found = Reasoner(bundle, columns).tell(contributions, x[rows], raw, [""] * len(rows), model.what_if)
    assert found.by_family.sum(axis=1) + bundle.expected == pytest.approx(raw, abs=1e-10)
    assert found.by_family.tobytes() == by_family(contributions, columns).tobytes()


def test_a_row_alone_has_the_reasons_it_has_among_others(bundle: Bundle, x: np.ndarray, columns) -> None:
    model, reasoner = Model(bundle, 1, "now"), Reasoner(bundle, columns)

    def reasons(rows: np.ndarray) -> Reasons:
        return reasoner.tell(model.contributions(rows), rows, model.raw(rows), [""] * len(rows), model.what_if)

    together = reasons(x[:40])
    assert [reasons(x[[row]])[0] for row in range(40)] == list(together)
    assert together.texts("en") == [one.text["en"] for told in together for one in told]
    spread = together.spread(np.arange(0, 80, 2), 80)
    assert [spread[0], spread[1], spread[2]] == [together[0], (), together[1]]


def test_there_are_never_more_than_asked_for(bundle: Bundle, columns, x: np.ndarray) -> None:
    model = Model(bundle)
    told = Reasoner(bundle, columns).tell(
        model.contributions(x), x, model.raw(x), [""] * len(x), model.what_if, places=(1, 1)
    )
    for found in told:
        assert sum(one.direction == "adverse" for one in found) <= 1
        assert sum(one.direction == "protective" for one in found) <= 1
        assert all(one.lead != "annual_rate" for one in found)


def test_columns_of_another_order_are_an_error(bundle: Bundle, columns) -> None:
    with pytest.raises(ValueError, match="columns are not the bundle's features"):
        Reasoner(bundle, columns[::-1])


def test_a_sentence_without_a_typical_value_leaves_it_out(columns) -> None:
    assert sentence(columns[0], 3, NAN) == "Days past due now: 3 days"
