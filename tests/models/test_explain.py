"""The tables give what LightGBM's own TreeSHAP gives, on every model we can make."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bundle import Bundle
from models.explain import tables as made
from models.explain.explainer import BOOSTER, TABLES, Explainer, _explain, _log_odds
from models.explain.plan import Bits
from models.explain.shapley import moves, points
from models.explain.tables import build
from models.explain.trees import NotCovered
from models.predict import Model

NAN = float("nan")
ODD = (0.0, -0.0, 1e-36, -1e-36, 1e-35, -1e-35, 3e-35, 1e300, -1e300, float("inf"), -float("inf"), NAN)


@st.composite
def models(draw: st.DrawFn) -> tuple[lightgbm.Booster, np.ndarray]:
    """A booster on random rows with ties, zeros and gaps, and rows to explain: those, odd values, and noise."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = draw(st.integers(40, 400)), draw(st.integers(1, 12))
    x = random.normal(size=(n, k))
    x[:, ::2] = np.round(x[:, ::2] * draw(st.sampled_from((1, 3))))
    x[random.random(x.shape) < draw(st.sampled_from((0.0, 0.3)))] = NAN
    x[random.random(x.shape) < draw(st.sampled_from((0.0, 0.3)))] = 0.0
    y = (np.nan_to_num(x).sum(axis=1) + random.normal(size=n) > 0).astype(float)
    parameters: dict[str, Any] = {
        "objective": draw(st.sampled_from(("binary", "regression"))),
        "boosting": draw(st.sampled_from(("gbdt", "dart"))),
        "num_leaves": draw(st.sampled_from((2, 3, 8, 31, 64))),
        "max_depth": draw(st.sampled_from((-1, 1, 2, 4))),
        "min_data_in_leaf": draw(st.sampled_from((1, 5, 200))),
        "use_missing": draw(st.booleans()),
        "zero_as_missing": draw(st.booleans()),
        "monotone_constraints": draw(st.lists(st.sampled_from((-1, 0, 1)), min_size=k, max_size=k)),
        "feature_fraction": draw(st.sampled_from((0.4, 1.0))),
        "bagging_fraction": 0.7,
        "bagging_freq": draw(st.integers(0, 1)),
        "min_sum_hessian_in_leaf": 0.0,
        "verbosity": -1,
        "num_threads": 1,
    }
    booster = lightgbm.train(parameters, lightgbm.Dataset(x, y), draw(st.integers(1, 12)))
    odd = random.choice(ODD, size=(12, k))
    return booster, np.concatenate([x[:20], odd, random.normal(size=(8, k)), np.full((1, k), NAN)])


def contributions(booster: lightgbm.Booster, x: np.ndarray) -> np.ndarray:
    return np.asarray(booster.predict(x, pred_contrib=True, num_threads=1)).reshape(len(x), -1)


@settings(max_examples=120)
@given(models())
def test_contributions_are_those_of_the_booster(case: tuple[lightgbm.Booster, np.ndarray]) -> None:
    booster, x = case
    tables = build(booster.model_to_string())
    expected = contributions(booster, x)
    assert np.abs(_explain(tables, x) - expected).max() <= 1e-10
    assert np.all(expected[:, -1] == tables.base)


@settings(max_examples=40)
@given(models())
def test_a_row_alone_gets_the_bits_it_gets_among_others(case: tuple[lightgbm.Booster, np.ndarray]) -> None:
    booster, x = case
    tables = build(booster.model_to_string())
    alone = np.concatenate([_explain(tables, x[[row]]) for row in range(len(x))])
    assert alone.tobytes() == _explain(tables, x).tobytes()


@settings(max_examples=60)
@given(models())
def test_raw_scores_from_tables_have_the_bits_of_the_booster(case: tuple[lightgbm.Booster, np.ndarray]) -> None:
    booster, x = case
    raw = np.asarray(booster.predict(x, raw_score=True, num_threads=1))
    assert _log_odds(build(booster.model_to_string()), x).tobytes() == raw.tobytes()


def chain(leaves: int, columns: int) -> tuple[lightgbm.Booster, np.ndarray]:
    """A tree as deep as it has leaves: each split cuts one row off."""
    x = np.zeros((leaves, columns))
    for row in range(leaves - 1):
        x[row, row % columns] = leaves - row
    y = 2.0 ** np.arange(leaves)
    parameters = {
        "objective": "regression", "num_leaves": leaves, "min_data_in_leaf": 1, "min_data_in_bin": 1, "verbosity": -1,
        "feature_pre_filter": False, "num_threads": 1, "boost_from_average": False, "learning_rate": 1.0,
    }  # fmt: skip
    return lightgbm.train(parameters, lightgbm.Dataset(x, y), 2), x


@pytest.mark.parametrize(("leaves", "columns"), [(20, 20), (64, 63), (64, 5), (40, 13)])
def test_the_deepest_trees_are_covered(leaves: int, columns: int) -> None:
    booster, x = chain(leaves, columns)
    tables = build(booster.model_to_string())
    assert np.diff(tables.leaves.start).max() >= leaves // 2
    found, raw = _explain(tables, x), np.asarray(booster.predict(x, raw_score=True))
    assert np.abs(found.sum(axis=1) - raw).max() <= 1e-14 * np.abs(raw).max()
    if leaves == 20 or columns < 20:  # on longer paths LightGBM's own recursion loses digits
        expected = contributions(booster, x)
        assert np.abs(found - expected).max() <= 1e-10 * np.abs(expected).max()


def test_the_longest_path_is_shared_out_exactly() -> None:
    """Sixteen features, each order of joining counted with fractions."""
    shares = [Fraction(i + 1, i + 3) for i in range(16)]
    passed = 0b0110101110010110
    out = np.empty(16)
    moves(1.0, passed, np.array([float(one) for one in shares]), *points(), out)
    assert out == pytest.approx(by_orders(shares, passed), rel=1e-13)


def by_orders(shares: list[Fraction], passed: int) -> list[float]:
    """Shapley's sum over sizes of coalitions, from elementary symmetric polynomials; no integral."""
    found = []
    for j, share in enumerate(shares):
        weights = [Fraction(1)]  # weights[s]: sum over coalitions of s others of the product of their terms
        for i, other in enumerate(shares):
            if i != j:
                o = Fraction(passed >> i & 1)
                joined = [*weights, Fraction(0)]
                weights = [other * joined[s] + (o * weights[s - 1] if s else 0) for s in range(len(joined))]
        d = len(shares)
        mean = sum(
            weight * Fraction(factorial(s) * factorial(d - 1 - s), factorial(d)) for s, weight in enumerate(weights)
        )
        found.append(float((Fraction(passed >> j & 1) - share) * mean))
    return found


@pytest.mark.parametrize("bits", made.SIZES)
def test_every_size_of_tables_gives_the_same(bits: Bits, bundle: Bundle, x: np.ndarray, monkeypatch: Any) -> None:
    monkeypatch.setattr(made, "SIZES", (bits,))
    tables = build(bundle.model_text)
    expected = Model(bundle).contributions(x[:50])
    assert np.abs(_explain(tables, x[:50].astype(float)) - expected).max() <= 1e-12


def test_tables_stay_within_their_budget(bundle: Bundle) -> None:
    assert build(bundle.model_text, budget=4_000).lookups.table.nbytes <= 4_000
    assert build(bundle.model_text, budget=0).lookups.table.nbytes == 0


def test_a_leaf_is_shared_out_as_by_all_orders_of_joining() -> None:
    """Worked by hand: two features, value 1, shares 1/2 and 1/4, the row passes only the first test."""
    out = np.empty(2)
    moves(1.0, 0b01, np.array([0.5, 0.25]), *points(), out)
    # first joins first: 1/4 (1 - 1/2) = 1/8; joins last: 0 (1 - 1/2) = 0
    # second joins first: 1/2 (0 - 1/4) = -1/8; joins last: 1 (0 - 1/4) = -1/4
    assert out == pytest.approx([(1 / 8 + 0) / 2, (-1 / 8 - 1 / 4) / 2], abs=1e-16)


class Slow:
    """A booster as the explainer asks it."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self.booster = booster

    def raw(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.booster.predict(x, raw_score=True))

    def contributions(self, x: np.ndarray) -> np.ndarray:
        return contributions(self.booster, x)


def booster_of(x: np.ndarray, **parameters: Any) -> lightgbm.Booster:
    told = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 1} | parameters
    y = (np.nan_to_num(x[:, 0]) + np.random.default_rng(1).normal(size=len(x)) > 1).astype(float)
    return lightgbm.train(told, lightgbm.Dataset(x, y), 3)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"num_leaves": 100, "min_sum_hessian_in_leaf": 0}, "leaves; covered: up to 64"),
        ({"linear_tree": True}, "linear leaves"),
        ({"categorical_feature": [0], "min_data_per_group": 1, "cat_smooth": 0}, "splits on a category"),
        ({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "averaged"),
        ({"objective": "multiclass", "num_class": 2}, "2 outputs"),
    ],
)
def test_what_is_not_covered_falls_back_and_says_so(parameters: dict[str, Any], said: str) -> None:
    x = np.abs(np.random.default_rng(2).normal(size=(900, 3)))
    x[:, 0] = np.round(x[:, 0] * 4)
    booster = booster_of(x, **parameters)
    with pytest.raises(NotCovered, match=said):
        build(booster.model_to_string())
    explainer = Explainer(booster.model_to_string(), Slow(booster), x[:2])
    explainer.build()
    assert said in explainer.refused
    assert explainer.name == BOOSTER
    assert explainer.log_odds(x[:5]) is None
    if "linear_tree" not in parameters:  # LightGBM cannot explain those either
        assert explainer.contributions(x[:5])[1] == BOOSTER


def test_tables_that_do_not_agree_are_not_used(bundle: Bundle, x: np.ndarray) -> None:
    other = booster_of(np.nan_to_num(x[:200]))
    wrong = Explainer(bundle.model_text, Slow(other), x[:4])
    wrong.build()
    assert "away from" in wrong.refused
    assert wrong.name == BOOSTER


def test_the_service_answers_while_tables_are_built_then_switches(bundle: Bundle, x: np.ndarray) -> None:
    model = Model(bundle)
    before, name = model.explained(x[:20])
    assert name == BOOSTER
    model.explainer.build_in_background().join()
    after, name = model.explained(x[:20])
    assert (name, model.explainer.name, model.explainer.refused) == (TABLES, TABLES, "")
    assert model.explainer.bytes > 0
    assert np.abs(before - after).max() <= 1e-12


def test_threads_and_groups_change_no_bit(bundle: Bundle, x: np.ndarray, monkeypatch: Any) -> None:
    monkeypatch.setattr("models.explain.explainer.SHARE", 100)
    one, two = Model(bundle, 1, "now"), Model(bundle, 2, "now")
    assert two.contributions(x).tobytes() == one.contributions(x).tobytes()
    assert two.what_if(x).tobytes() == one.raw(x).tobytes()
    assert two.contributions(x[:0]).shape == (0, 6)
