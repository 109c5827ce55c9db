"""A run is found again in MLflow: figures, files, signature, alias."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from book.errors import Refusal
from book.settings import Settings
from monitoring.target import Target
from training.aliases import pull
from training.config import Config
from training.data import Panel
from training.evidence import read_validation
from training.making import make
from training.promote import champion_id, promote
from training.release import release
from training.result import TrainResult
from training.split import Split
from training.tracking import _refuse_unsigned

mlflow = pytest.importorskip("mlflow", reason="needs the train extra")
pandas = pytest.importorskip("pandas", reason="needs the train extra")


@pytest.fixture(scope="module")
def released(panel: Panel, split: Split, tmp_path_factory: pytest.TempPathFactory) -> TrainResult:
    patch = pytest.MonkeyPatch()
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path_factory.mktemp("tracked")
    result = make(panel, split, Target(), Config(rounds=20, threads=1), Settings())
    done = release(result, folder / "models", "test", folder / "mlflow")
    patch.undo()
    return done


def test_mlflow_is_the_installed_package_and_not_our_folder() -> None:
    assert "site-packages" in Path(mlflow.__file__).parts
    assert not list((Path(__file__).resolve().parents[2] / "mlflow").rglob("*.py"))


def test_the_challenger_alias_names_the_registered_model(released: TrainResult) -> None:
    version = mlflow.MlflowClient().get_model_version_by_alias("loanwatch-default_12m", "challenger")
    assert version.run_id == released.run_id
    assert released.registered.startswith(f"loanwatch-default_12m version {version.version} at sqlite:///")


def test_figures_and_parameters_are_logged(released: TrainResult) -> None:
    run = mlflow.get_run(released.run_id)
    assert run.data.metrics["overall.auc"] == released.report["metrics"]["overall"]["auc"]
    assert run.data.params["horizon"] == "12"
    assert run.data.tags["bundle_id"] == released.bundle.id


def test_bundle_report_and_pictures_are_artefacts(released: TrainResult, tmp_path: Path) -> None:
    found = Path(mlflow.artifacts.download_artifacts(run_id=released.run_id, dst_path=str(tmp_path)))
    names = {path.relative_to(found).as_posix() for path in found.rglob("*") if path.is_file()}
    assert names >= {"bundle/bundle.json", "bundle/model.txt", "metrics.json", "roc.svg", "calibration.svg"}
    assert json.loads((found / "bundle" / "bundle.json").read_text("utf-8"))["id"] == released.bundle.id


def test_the_logged_model_has_its_signature_and_no_pickle(released: TrainResult) -> None:
    model = mlflow.lightgbm.load_model("models:/loanwatch-default_12m/1")
    signature = mlflow.models.get_model_info("models:/loanwatch-default_12m/1").signature
    assert tuple(signature.inputs.input_names()) == released.bundle.features
    assert np.isfinite(model.predict(released.bundle.golden.x)).all()
    assert not list(Path(released.folder or "").rglob("*.pkl"))


def test_a_released_model_does_not_serve_yet(released: TrainResult) -> None:
    assert released.folder is not None
    assert champion_id(released.folder.parents[1]) is None


def test_promotion_moves_the_alias_and_tags_it_and_another_place_can_pull_it(
    released: TrainResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert released.folder is not None
    models = released.folder.parents[1]
    promote(models, released.bundle.id, "2026-03-01T08:00:00+00:00", "ann", "Li Wei", "a test of ours")
    client = mlflow.MlflowClient()
    version = client.get_model_version_by_alias("loanwatch-default_12m", "champion")
    assert version.run_id == released.run_id
    assert version.tags["promotion.approver"] == "Li Wei"
    assert version.tags["promotion.reason"] == "a test of ours"
    assert client.get_registered_model("loanwatch-default_12m").aliases == {"champion": version.version}
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.get_tracking_uri())
    done = pull("loanwatch-default_12m", tmp_path, "2026-03-02T08:00:00+00:00", "bo")
    assert done is not None
    assert (champion_id(tmp_path), done.action) == (released.bundle.id, "pull")
    assert read_validation(tmp_path, released.bundle.id) == read_validation(models, released.bundle.id)
    assert pull("loanwatch-default_12m", tmp_path, "2026-03-02T09:00:00+00:00", "bo") is None
    with pytest.raises(Refusal, match="names no loanwatch-nothing@champion"):
        pull("loanwatch-nothing", tmp_path, "2026-03-02T09:00:00+00:00", "bo")


def test_missing_values_pass_the_signature_and_a_nullable_integer_does_not_slip_in(released: TrainResult) -> None:
    golden, features = released.bundle.golden, list(released.bundle.features)
    model = mlflow.pyfunc.load_model("models:/loanwatch-default_12m/1")
    frame = pandas.DataFrame(golden.x.astype(np.float64), columns=features)
    assert frame.isna().any().any()
    assert np.allclose(model.predict(frame), 1 / (1 + np.exp(-golden.raw)), atol=1e-9)
    nullable = frame.assign(**{features[0]: pandas.array([None] * len(frame), dtype="Int64")})
    with pytest.raises(mlflow.MlflowException, match=features[0]):
        model.predict(nullable)


def test_a_lost_signature_is_no_model(released: TrainResult) -> None:
    columns = mlflow.types.Schema([mlflow.types.ColSpec("long", released.bundle.features[0])])
    short = mlflow.models.ModelSignature(inputs=columns)
    for signature in (None, short):
        with pytest.raises(RuntimeError, match="MLflow kept no signature"):
            _refuse_unsigned(signature, released.bundle)
