"""The models a booster must beat: monotone bins, a points card, the roll table, all judged beside it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from book.errors import Refusal
from book.settings import Settings
from models.opening import load_bundle
from models.predict import Model
from models.scorecard import Scorecard
from monitoring.target import Target
from training.bins import bins
from training.config import Config
from training.data import Panel
from training.fit import Slice
from training.making import make
from training.promote import export
from training.result import TrainResult
from training.roll_table import roll_table, rolled
from training.scorecard import scorecard
from training.split import OOT, TRAIN, Split

CONFIG = Config(rounds=40, threads=1, model="scorecard")


def drawn(n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    x = random.normal(size=n).astype(np.float32)
    y = (random.random(n) < 1 / (1 + np.exp(2 - x))).astype(float)
    x[random.random(n) < 0.1] = np.nan
    return x, y


def test_weights_of_evidence_are_worked_by_hand() -> None:
    x = np.repeat(np.array([0, 1], np.float32), 100)
    y = np.concatenate([np.arange(100) < 10, np.arange(100) < 30]).astype(float)
    found = bins(x, y, 1)
    assert found.edges.tolist() == [0.5]
    odds = [10.5 / 90.5, 30.5 / 70.5]
    assert found.woe == pytest.approx([math.log(one / (40.5 / 160.5)) for one in odds])
    shares = [10 / 40 - 90 / 160, 30 / 40 - 70 / 160]
    assert found.value == pytest.approx(sum(s * w for s, w in zip(shares, found.woe, strict=True)))


def test_bins_only_rise_or_only_fall_and_are_large_enough() -> None:
    x, y = drawn()
    for sign in (1, -1):
        found = bins(x, y, sign)
        assert np.all(np.diff(found.woe) * sign > 0)
    assert len(bins(x, y, -1).woe) == 1, "against the data nothing is left to part"
    rising = bins(x, y, 1)
    assert bins(x, y, 0).woe.tolist() == rising.woe.tolist()
    at = np.searchsorted(rising.edges, x[~np.isnan(x)], side="right")
    assert np.bincount(at).min() >= 0.03 * len(x)


def test_a_feature_never_observed_or_constant_says_nothing() -> None:
    _, y = drawn()
    for x in (np.full(len(y), np.nan, np.float32), np.ones(len(y), np.float32)):
        assert bins(x, y, 0).value == pytest.approx(0, abs=1e-3)


def test_the_roll_table_is_the_event_rate_of_each_bucket_and_never_falls() -> None:
    dpd = np.repeat([0.0, 10.0, 40.0], [1000, 100, 100])
    y = np.zeros(1200)
    y[:9], y[1000:1030], y[1100:1120] = 1, 1, 1
    table = roll_table(dpd, y)
    rates = 1 / (1 + np.exp(-table))
    assert rates[0] == pytest.approx(9.5 / 1001)
    assert rates[1:].tolist() == pytest.approx([51 / 202] * 7)  # M1 and M2 pooled: M2 must not be better
    assert rolled(table, np.array([31.0])) == table[2]


@pytest.fixture(scope="module")
def card_run(panel: Panel, split: Split) -> TrainResult:
    return make(panel, split, Target(), CONFIG, Settings())


def test_the_card_keeps_to_the_direction_of_its_features(panel: Panel) -> None:
    rows = panel.rows
    train = Slice(rows.x, rows.at(TRAIN), rows.y[rows.at(TRAIN)])
    card = Scorecard.read(scorecard(train, panel.catalogue.names, panel.catalogue.monotone).text)
    assert 2 <= len(card.lines) <= 16
    for line, column in zip(card.lines, card.columns, strict=True):
        sign = panel.catalogue.monotone[column]
        assert np.all(np.diff(line.points) * (sign or np.sign(line.points[0] - line.points[-1])) <= 0), line.feature


def test_every_report_shows_the_baselines(card_run: TrainResult) -> None:
    assert set(card_run.report["baselines"]) == {"gbm", "roll_table"}
    assert set(card_run.baselines) == {"gbm", "roll_table"}
    assert card_run.report["model"] == "scorecard"
    assert card_run.report["metrics"]["overall"]["auc"] > card_run.report["baselines"]["roll_table"]["overall"]["auc"]
    json.dumps(card_run.report, allow_nan=False)


def test_a_card_is_exported_and_scores_as_the_run_did(card_run: TrainResult, tmp_path: Path) -> None:
    bundle = load_bundle(export(card_run.bundle, tmp_path))
    oot = card_run.rows.role == OOT
    assert np.array_equal(Model(bundle).pd(card_run.rows.x[oot]), card_run.pd[oot])
    assert bundle.kind == "scorecard"
    assert card_run.report["certificate"]["holds"]


def test_a_model_that_is_not_offered_is_refused() -> None:
    with pytest.raises(Refusal, match="model is 'forest'; allowed: gbm, scorecard"):
        replace(CONFIG, model="forest")
