"""Registering a challenger: bundle, evidence and run, ready to be compared and promoted; serving does not change."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from features.catalogue import CATALOGUE, Catalogue
from training.evidence import write_evidence, write_run
from training.manifest import write_manifest
from training.model_page import model_page
from training.promote import export
from training.result import TrainResult
from training.split import OOT
from training.validate import validate
from training.validation import Validation


def release(
    result: TrainResult,
    models_dir: Path,
    experiment: str = "loanwatch",
    mlflow_dir: Path | None = None,
    catalogue: Catalogue = CATALOGUE,
    validation: Validation | None = None,
) -> TrainResult:
    """Export the bundle, write its evidence and report, track the run, and register it as challenger.

    `validation` is that of `training.validate.validate`, which is asked here, without the book, where none is given.
    Who serves is decided by `training.promote.promote`.
    """
    from training.tracking import Evidence, track  # importing mlflow takes seconds

    checked = validation or validate(result, models_dir=models_dir, catalogue=catalogue)
    folder = export(result.bundle, models_dir, catalogue)
    page = model_page(checked, result, catalogue)
    kept = write_evidence(checked, page, result.context, models_dir)
    write_manifest(result.manifest, kept)
    oot = result.rows.at(OOT)
    gates = {str(one["gate"]): str(one["status"]) for one in checked.data["gates"]}
    evidence = Evidence(result.parameters, result.report, result.rows.y[oot], result.pd[oot], gates, kept)
    run = track(result.bundle, evidence, experiment, mlflow_dir)
    write_run(models_dir, result.bundle.id, asdict(run))
    return replace(result, folder=folder, run_id=run.run_id, registered=str(run))
