"""A bundle is plain files that are refused when they do not fit or do not reproduce their own scores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from models.bundle import Bundle, BundleRefused, Golden
from models.opening import load_bundle
from models.predict import Model


def test_what_was_saved_is_what_is_loaded(bundle: Bundle, catalogue: SimpleNamespace, tmp_path: Path) -> None:
    bundle.save(tmp_path)
    loaded = load_bundle(tmp_path, catalogue)
    assert loaded.id == bundle.id
    assert loaded.calibration == bundle.calibration
    assert loaded.reference == bundle.reference
    assert Model(loaded).pd(bundle.golden.x).tobytes() == Model(bundle).pd(bundle.golden.x).tobytes()


def test_a_bundle_is_two_readable_files(bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bundle.json", "model.txt"]
    assert json.loads((tmp_path / "bundle.json").read_text("utf-8"))["target"] == "default_12m"


def test_the_id_follows_the_contents(bundle: Bundle) -> None:
    assert replace(bundle, horizon=12).id == bundle.id
    assert replace(bundle, horizon=6).id != bundle.id


def test_changed_files_are_refused(bundle: Bundle, catalogue: SimpleNamespace, tmp_path: Path) -> None:
    bundle.save(tmp_path)
    facts = tmp_path / "bundle.json"
    facts.write_text(facts.read_text("utf-8").replace('"slope": 0.9', '"slope": 0.8'), "utf-8")
    with pytest.raises(BundleRefused, match="its files were changed"):
        load_bundle(tmp_path, catalogue)


def test_another_catalogue_is_refused_with_the_difference(bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path)
    other = SimpleNamespace(names=(*bundle.features[:-1], "new_feature"), fingerprint="e" * 16, own={})
    with pytest.raises(BundleRefused, match="only in the bundle: mob; only here: new_feature"):
        load_bundle(tmp_path, other)


def test_golden_rows_that_score_differently_are_refused(
    bundle: Bundle, catalogue: SimpleNamespace, tmp_path: Path
) -> None:
    golden = bundle.golden
    wrong = replace(bundle, golden=Golden(golden.x, golden.raw + 1e-6, golden.pd))
    wrong.save(tmp_path)
    with pytest.raises(BundleRefused, match="golden row 0: log-odds is"):
        load_bundle(tmp_path, catalogue)


def test_a_folder_without_a_bundle_says_what_is_missing(tmp_path: Path, catalogue: SimpleNamespace) -> None:
    with pytest.raises(BundleRefused, match=r"no bundle.json and no model.txt there"):
        load_bundle(tmp_path, catalogue)
    (tmp_path / "model.txt").write_text("tree")
    (tmp_path / "bundle.json").write_text("{")
    with pytest.raises(BundleRefused, match=r"bundle.json is not JSON"):
        load_bundle(tmp_path, catalogue)
    (tmp_path / "bundle.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(BundleRefused, match="format 99, this version reads 1"):
        load_bundle(tmp_path, catalogue)
    (tmp_path / "bundle.json").write_text(json.dumps({"format": 1}))
    with pytest.raises(BundleRefused, match=r"is not as written by this version: KeyError\('features'\)"):
        load_bundle(tmp_path, catalogue)


def test_missing_values_of_golden_rows_survive(bundle: Bundle, catalogue: SimpleNamespace, tmp_path: Path) -> None:
    assert np.isnan(bundle.golden.x).any()
    bundle.save(tmp_path)
    np.testing.assert_array_equal(load_bundle(tmp_path, catalogue).golden.x, bundle.golden.x)
