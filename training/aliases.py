"""The registry of MLflow: which version is champion, which challenger, and fetching a bundle from it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from book.errors import Refusal
from features.catalogue import CATALOGUE
from models.bundle import FeatureSet
from models.opening import load_bundle
from training.evidence import EVIDENCE, evidence_folder, write_run
from training.promote import champion_id, export, move
from training.promotions import Promotion
from training.tracking import CHALLENGER, CHAMPION, quiet


def crown(run: Mapping[str, str], change: Promotion) -> None:
    """Give the alias `champion` to the version of a run, and note on it who did so and why."""
    with quiet():
        client = MlflowClient(tracking_uri=run["tracking"])
        name, version = run["model"], run["version"]
        tags = {"action": change.action, "at": change.at, "by": change.by, "before": change.before}
        tags |= {"gates": change.status, "approver": change.approver, "reason": change.reason, "proof": change.proof}
        for key, value in tags.items():
            client.set_model_version_tag(name, version, f"promotion.{key}", value)
        client.set_registered_model_alias(name, CHAMPION, version)
        aliases = client.get_registered_model(name).aliases
        if str(aliases.get(CHALLENGER)) == version:
            client.delete_registered_model_alias(name, CHALLENGER)


def pull(
    model: str, models_dir: Path, at: str, by: str, alias: str = CHAMPION, catalogue: FeatureSet = CATALOGUE
) -> Promotion | None:
    """Fetch the bundle that a registry names under `alias` and make it the champion here; None where it is already.

    The registry is that of MLFLOW_TRACKING_URI. Promotion was decided there: the gates are not asked again, but
    BundleRefused is raised where the bundle does not reproduce its golden rows.
    """
    client = MlflowClient()
    with quiet(), tempfile.TemporaryDirectory() as made:
        try:
            version = client.get_model_version_by_alias(model, alias)
        except MlflowException as error:
            raise Refusal(f"{mlflow.get_tracking_uri()} names no {model}@{alias}: {error}") from error
        folder = Path(mlflow.artifacts.download_artifacts(run_id=version.run_id, dst_path=made))
        bundle = load_bundle(folder / "bundle", catalogue)
        if bundle.id == champion_id(models_dir):
            return None
        export(bundle, models_dir, catalogue)
        _keep(folder / EVIDENCE, evidence_folder(models_dir, bundle.id))
        run = {"tracking": mlflow.get_tracking_uri(), "run_id": version.run_id, "model": model}
        write_run(models_dir, bundle.id, run | {"version": str(version.version)})
    done = Promotion("pull", at, by, bundle.id, champion_id(models_dir) or "", reason=f"{model}@{alias}")
    move(done, models_dir)
    return done


def _keep(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.glob("*")) if source.is_dir() else ():
        (target / file.name).write_bytes(file.read_bytes())
