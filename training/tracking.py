"""MLflow: where runs, figures and registered models are kept. The only place that imports it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm
import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from numpy.typing import NDArray

from models.bundle import Bundle
from training.figures import draw

LOCAL = Path(__file__).resolve().parents[1] / "mlflow"
CHAMPION = "champion"
CHALLENGER = "challenger"
_QUIET = ("alembic", "mlflow")


@dataclass(frozen=True)
class Registered:
    """Where a run stands: tracking address, run id, registered model and version."""

    tracking: str
    run_id: str
    model: str
    version: str

    def __str__(self) -> str:
        return f"{self.model} version {self.version} at {self.tracking}"


@dataclass(frozen=True)
class Evidence:
    """What goes with a bundle into its run: parameters, report, outcomes and PDs of the out-of-time slice.

    `gates` are the statuses by gate, `folder` the files of the validation; both empty where there was none.
    """

    parameters: Mapping[str, Any]
    report: Mapping[str, Any]
    y: NDArray[np.float64]
    pd: NDArray[np.float64]
    gates: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


def track(bundle: Bundle, evidence: Evidence, experiment: str, folder: Path | None = None) -> Registered:
    """Log a run, register its model under `loanwatch-<target>` and give it the alias `challenger`.

    The alias `champion` is given by `training.promote` alone.

    The store is `MLFLOW_TRACKING_URI` where set, else a SQLite file and artefacts under `folder`
    (default: `mlflow/` of the project).
    """
    name = f"loanwatch-{bundle.target}"
    with quiet():
        _connect(experiment, folder)
        with mlflow.start_run() as run:
            mlflow.log_params({key: str(value) for key, value in evidence.parameters.items()})
            mlflow.log_metrics(flat(evidence.report["metrics"]))
            gates = {f"gate.{name}": status for name, status in evidence.gates.items()}
            mlflow.set_tags({"bundle_id": bundle.id, **gates})
            _log_files(bundle, evidence)
            source, model_id = _log_model(bundle)
        client = MlflowClient()
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
        made = client.create_model_version(name, source, run.info.run_id, model_id=model_id)
        version = str(made.version)
        client.set_model_version_tag(name, version, "bundle_id", bundle.id)
        client.set_registered_model_alias(name, CHALLENGER, version)
        return Registered(mlflow.get_tracking_uri(), run.info.run_id, name, version)


def flat(report: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested figures as `oot.by_bucket.C.auc`-like names; those that are None are left out."""
    found: dict[str, float] = {}
    for key, value in report.items():
        name = f"{prefix}{key}".replace("+", "plus")
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        elif value is not None:
            found[name] = float(value)
    return found


def _connect(experiment: str, folder: Path | None) -> None:
    """Choose the store and the experiment, made where absent."""
    remote = os.environ.get("MLFLOW_TRACKING_URI")
    if remote:
        mlflow.set_tracking_uri(remote)
        mlflow.set_experiment(experiment)
        return
    folder = (folder or LOCAL).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    client = MlflowClient()
    if client.get_experiment_by_name(experiment) is None:
        client.create_experiment(experiment, artifact_location=(folder / "artifacts").as_uri())
    mlflow.set_experiment(experiment)


def _log_files(bundle: Bundle, evidence: Evidence) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        bundle.save(folder / "bundle")
        text = json.dumps(evidence.report, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / "metrics.json").write_text(text + "\n", "utf-8")
        draw(evidence.y, evidence.pd, folder)
        if evidence.folder:
            shutil.copytree(evidence.folder, folder / "evidence")
        mlflow.log_artifacts(made)


def _log_model(bundle: Bundle) -> tuple[str, str | None]:
    """Address and id of the model in the run: the booster as LightGBM's own text, a points card as its bundle."""
    if bundle.kind != "booster":
        return mlflow.get_artifact_uri("bundle"), None
    logged = mlflow.lightgbm.log_model(
        lightgbm.Booster(model_str=bundle.model_text),
        name="model",
        signature=_signature(bundle),
        pip_requirements=[f"lightgbm=={lightgbm.__version__}"],
    )
    _refuse_unsigned(logged.signature, bundle)
    return logged.model_uri, logged.model_id


def _refuse_unsigned(signature: ModelSignature | None, bundle: Bundle) -> None:
    """RuntimeError where MLflow lost the signature, or would take a feature for anything but a double.

    It drops a signature without a word where it cannot infer one, and integer columns with missing values break it.
    """
    kept = [(one.name, one.type.name, one.required) for one in signature.inputs] if signature else []
    if kept != [(name, "double", True) for name in bundle.features]:
        raise RuntimeError(f"MLflow kept no signature of {len(bundle.features)} doubles; it has {kept[:3]}...")


def _signature(bundle: Bundle) -> ModelSignature:
    """Every feature a double: missing values need no nullable type; the answer is the uncalibrated PD."""
    inputs = Schema([ColSpec("double", name) for name in bundle.features])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double")]))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the migrations and progress notes of the store out of the terminal; warnings stay."""
    before = {name: logging.getLogger(name).level for name in _QUIET}
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
