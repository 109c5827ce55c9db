"""From rows to a judged bundle: the same from the same seed, right on what it knows, blind where there is nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from book.errors import Refusal
from book.settings import Settings
from features.catalogue import CATALOGUE
from models.opening import load_bundle
from models.predict import Model
from monitoring.target import Target
from training.config import BOOSTER, Config
from training.data import Panel
from training.making import make
from training.promote import export
from training.result import TrainResult
from training.split import CALIBRATE, OOT, Split

CONFIG = Config(rounds=150, patience=20, threads=1)


@pytest.fixture(scope="module")
def result(panel: Panel, split: Split) -> TrainResult:
    return make(panel, split, Target(), CONFIG, Settings())


def test_the_same_seed_gives_the_same_model_to_the_bit(panel: Panel, split: Split, result: TrainResult) -> None:
    assert make(panel, split, Target(), CONFIG, Settings()).bundle.id == result.bundle.id
    other = make(panel, split, Target(), replace(CONFIG, seed=1), Settings())
    assert other.bundle.id != result.bundle.id


def test_it_finds_a_risk_that_is_there(result: TrainResult) -> None:
    overall = result.report["metrics"]["overall"]
    assert overall["auc"] > 0.75
    assert overall["oe"] == pytest.approx(1, abs=0.2)
    assert result.report["certificate"]["holds"]
    assert result.report["certificate"]["steps"] > 1000


def test_permuted_labels_give_an_auc_of_one_half(panel: Panel, split: Split) -> None:
    shuffled = np.random.default_rng(8).permutation(panel.rows.y)
    rows = replace(panel.rows, y=shuffled)
    metrics = make(replace(panel, rows=rows), split, Target(), CONFIG, Settings()).report["metrics"]
    assert metrics["overall"]["auc"] == pytest.approx(0.5, abs=0.03)


def test_a_feature_that_knows_the_outcome_stands_out(panel: Panel, split: Split) -> None:
    x, canary = panel.rows.x.copy(), CATALOGUE.names.index("dpd_now")
    x[:, canary] = panel.rows.y
    leaking = replace(panel, rows=replace(panel.rows, x=x))
    report = make(leaking, split, Target(), CONFIG, Settings()).report
    assert report["metrics"]["overall"]["auc"] > 0.999
    assert next(iter(report["importance"])) == "dpd_now"


def test_calibration_meets_the_rate_of_its_own_slice(result: TrainResult) -> None:
    held_out = result.rows.role == CALIBRATE
    assert result.pd[held_out].mean() == pytest.approx(result.rows.y[held_out].mean(), rel=1e-6)


def test_the_bundle_scores_as_the_run_did(result: TrainResult, tmp_path: Path) -> None:
    folder = export(result.bundle, tmp_path)
    assert folder == tmp_path / "bundles" / result.bundle.id
    oot = result.rows.role == OOT
    again = Model(load_bundle(folder)).pd(result.rows.x[oot])
    assert again.tobytes() == result.pd[oot].tobytes()


def test_the_report_is_plain_data_with_all_figures(result: TrainResult) -> None:
    report = json.loads(json.dumps(result.report, allow_nan=False))
    assert set(report["metrics"]) >= {"overall", "by_bucket", "by_month", "unseen", "without_indeterminate"}
    assert list(report["metrics"]["by_bucket"]) == ["C", "M1"]
    assert len(report["metrics"]["by_month"]) == 6
    assert report["label_states"]["oot"]["event"] == report["slices"]["oot"]["events"]
    assert report["excluded"] == {"in_default": 3}
    assert report["not_yet_mature"] == 7


def test_only_the_booster_settings_that_are_meant_are_used() -> None:
    assert BOOSTER["monotone_constraints_method"] == "basic"
    assert BOOSTER["deterministic"] is True
    assert not {"scale_pos_weight", "is_unbalance"} & set(BOOSTER)


def test_slices_without_events_are_refused_by_name(panel: Panel, split: Split) -> None:
    y = np.where(panel.rows.role == CALIBRATE, 0.0, panel.rows.y)
    with pytest.raises(Refusal, match=r"calibrate has 0 events in \d+ rows; every slice needs events"):
        make(replace(panel, rows=replace(panel.rows, y=y)), split, Target(), CONFIG, Settings())
