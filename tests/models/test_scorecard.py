"""A points card: worked by hand, exact in its contributions, served from plain data."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import CATALOGUE
from models.bundle import Bundle, Golden
from models.calibration import Calibration
from models.opening import load_bundle
from models.predict import Model
from models.reference import population
from models.scorecard import Line, Scorecard

DPD = Line("dpd", (1.0, 31.0), (40, 0, -60), -5, 25.0)
AGE = Line("age", (12.0,), (-10, 10), 0, 2.0)
CARD = Scorecard(("age", "unused", "dpd"), 560, (DPD, AGE))
numbers = st.one_of(st.just(math.nan), st.floats(-1e6, 1e6, width=32))


def test_points_are_added_up_by_hand() -> None:
    x = np.array([[12, 7, 0], [11.9, 7, 1], [np.nan, np.nan, 31], [50, 0, np.nan]], np.float32)
    assert CARD.points(x).tolist() == [560 + 10 + 40, 560 - 10 + 0, 560 + 0 - 60, 560 + 10 - 5]


def test_twenty_points_double_the_odds_and_600_are_fifty_to_one() -> None:
    good = Scorecard((), 600, ()).raw(np.empty((1, 0)))
    better = Scorecard((), 620, ()).raw(np.empty((1, 0)))
    assert math.exp(-good[0]) == pytest.approx(50)
    assert math.exp(-better[0]) == pytest.approx(100)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=20))
def test_contributions_are_the_points_and_add_up(rows: list[tuple[float, float, float]]) -> None:
    x = np.array(rows, np.float32)
    found = CARD.contributions(x)
    assert np.allclose(found.sum(axis=1), CARD.raw(x), atol=1e-12, rtol=0)
    assert not found[:, 1].any()
    assert np.array_equal(CARD.points(x[:1]), CARD.points(x)[:1])


def test_the_text_gives_the_card_again() -> None:
    assert Scorecard.read(CARD.text()) == CARD
    with pytest.raises(ValueError, match="40 points double the odds"):
        Scorecard.read(CARD.text().replace('"doubling": 20', '"doubling": 40'))


def test_a_card_with_edges_that_do_not_rise_is_refused() -> None:
    with pytest.raises(ValueError, match="dpd has 2 points for 2 edges"):
        replace(DPD, points=(1, 2))
    with pytest.raises(ValueError, match="lines for dpd, which the features do not have"):
        Scorecard(("age",), 0, (DPD,))


def bundle_of(card: Scorecard, x: np.ndarray) -> Bundle:
    calibration = Calibration(slope=1.1, intercept=0.2)
    raw = card.raw(x)
    golden = Golden(x, raw, calibration.apply(raw))
    return Bundle(
        "default_12m", 12, card.features, CATALOGUE.fingerprint, card.text(), calibration, population(x),
        card.expected, golden, kind="scorecard",
    )  # fmt: skip


def test_a_card_is_saved_opened_and_scored_as_any_bundle(tmp_path: Path) -> None:
    names = CATALOGUE.names
    card = Scorecard(names, 560, (replace(DPD, feature=names[0]), replace(AGE, feature=names[5])))
    x = np.random.default_rng(1).normal(10, 20, (30, len(names))).astype(np.float32)
    bundle = bundle_of(card, x)
    bundle.save(tmp_path)
    opened = load_bundle(tmp_path)
    assert opened.id == bundle.id
    assert np.array_equal(Model(opened).raw(x), card.raw(x))
    assert Model(opened).contributions(x)[:, -1] == pytest.approx(bundle.expected)


def test_scoring_needs_no_scikit_learn(tmp_path: Path) -> None:
    x = np.zeros((2, len(CATALOGUE.names)), np.float32)
    bundle_of(Scorecard(CATALOGUE.names, 560, (replace(DPD, feature=CATALOGUE.names[0]),)), x).save(tmp_path)
    code = (
        "import sys, pathlib; sys.modules['sklearn'] = None\n"
        "from models.opening import load_bundle\n"
        "load_bundle(pathlib.Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=Path(__file__).resolve().parents[2])
