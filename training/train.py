"""Making a model: book in, judged and calibrated bundle out, tracked, registered and handed to serving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.errors import Refusal
from book.load import Book
from book.settings import Settings
from features.catalogue import CATALOGUE, Catalogue
from features.cohorts import build_context
from features.context import Context
from features.context_file import CONTEXT, write_context
from features.panel import month_ends
from models.bundle import Bundle
from models.predict import Model
from monitoring.target import Target
from training.bundling import draft, finish
from training.calibrate import calibrate
from training.certify import certify
from training.config import Config, Progress
from training.data import Panel, Rows, gather, span
from training.fit import fit
from training.judge import slices
from training.promote import export, point
from training.report import parameters, run_report
from training.split import CALIBRATE, OOT, STOP, TRAIN, Split, last_day, plan

DAY = 86_400_000_000  # microseconds
Steps = Callable[[str], Progress]


@dataclass(frozen=True)
class TrainResult:
    """A finished run.

    `bundle` is what serves; `parameters` what the run depends on; `report` plain data (`training.report`);
    `rows` and `pd` (n,) all observations of the run with their PD, for notebooks;
    `context` the cohort figures of the book. After `release`: `folder`
    of the exported bundle, `run_id` and `registered` (model, version and address) in MLflow.
    """

    bundle: Bundle
    parameters: Mapping[str, Any]
    report: Mapping[str, Any]
    rows: Rows
    pd: NDArray[np.float64]
    context: Context | None = None
    folder: Path | None = None
    run_id: str = ""
    registered: str = ""


def train(
    book: Book,
    target: Target | None = None,
    config: Config | None = None,
    steps: Steps | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> TrainResult:
    """Train, calibrate and judge a model on a book; nothing is written.

    `target` is by default that of the book's settings. `steps(title)` gives the progress callback of a stage.
    `catalogue` may hold features of one's own (`features.own.catalogue_with`).
    Raises Refusal where the history is too short or a slice has no events.
    """
    target, config = target or Target.of(book.settings), config or Config()
    book = replace(book, settings=target.applied(book.settings))
    first, cutoff = span(book, _step(steps, "Reading the book"))
    split = plan(first, cutoff, target, book.settings.timezone, config.oot_months)
    days = month_ends(last_day(split.train_first - 1), cutoff // DAY)
    context = build_context(book, days, _step(steps, "Comparing cohorts"))
    panel = gather(book, split, target, cutoff, config, _step(steps, "Measuring loans"), catalogue, context)
    result = make(panel, split, target, config, book.settings, _step(steps, "Growing trees"))
    result = replace(result, context=context)
    return replace(result, parameters=parameters(config, target, book.hash(), catalogue))


def make(
    panel: Panel,
    split: Split,
    target: Target,
    config: Config,
    settings: Settings,
    progress: Progress | None = None,
) -> TrainResult:
    """The part of `train` after measuring: from rows to a judged bundle."""
    rows = panel.rows
    _refuse_empty(rows, split)
    learn, stop = rows.of(TRAIN), rows.of(STOP)
    names, monotone = panel.catalogue.names, panel.catalogue.monotone
    fitted = fit((learn.x, learn.y), (stop.x, stop.y), names, monotone, config, progress)
    bundle = draft(fitted, panel, split, target, settings)
    model = Model(bundle, config.threads)
    raw = model.raw(rows.x)
    held_out = (rows.role == CALIBRATE) & ~np.isnan(rows.y)
    calibration = calibrate(raw[held_out], rows.y[held_out], config.central_tendency)
    pd = calibration.apply(raw)
    certificate = certify(model, rows.of(OOT).x, monotone, names)
    report = run_report(panel, pd, split, fitted, target, certificate)
    bundle = finish(bundle, rows, calibration, report["metrics"], certificate)
    return TrainResult(bundle, parameters(config, target, "", panel.catalogue), report, rows, pd)


def release(
    result: TrainResult,
    models_dir: Path,
    experiment: str = "loanwatch",
    mlflow_dir: Path | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> TrainResult:
    """Track the run in MLflow, export the bundle to `models_dir` and make it the champion of serving."""
    from training.tracking import Evidence, track  # importing mlflow takes seconds

    oot = (result.rows.role == OOT) & ~np.isnan(result.rows.y)
    folder = export(result.bundle, models_dir, catalogue)
    evidence = Evidence(result.parameters, result.report, result.rows.y[oot], result.pd[oot])
    if result.context:
        write_context(result.context, models_dir / CONTEXT)
    run = track(result.bundle, evidence, experiment, mlflow_dir)
    point(result.bundle.id, models_dir)
    registered = f"{run.model} version {run.version} at {run.tracking}"
    return replace(result, folder=folder, run_id=run.run_id, registered=registered)


def _refuse_empty(rows: Rows, split: Split) -> None:
    """Refusal naming every slice that cannot teach or judge anything."""
    faults = [
        f"{role} has {counts['events']} events in {counts['rows']} rows"
        for role, counts in slices(rows).items()
        if not 0 < counts["events"] < counts["rows"]
    ]
    if faults:
        raise Refusal(
            f"no model can be made: {'; '.join(faults)}; every slice needs events and non-events "
            f"({', '.join(f'{name} {day}' for name, day in split.dates.items())})"
        )


def _step(steps: Steps | None, title: str) -> Progress | None:
    return steps(title) if steps else None
