"""From the rows of a run to a calibrated and judged bundle, with the models it must beat beside it."""

from __future__ import annotations

from dataclasses import asdict, replace

from book.errors import Refusal
from book.settings import Settings
from models.predict import Model
from monitoring.target import Target
from training.bundling import draft, finish
from training.candidates import baselines, calibrated, calibration_report
from training.certify import MOST_ROWS, certify
from training.config import Config, Progress
from training.data import Panel, Rows
from training.fit import Fitted, Slice, fit
from training.folds import trees_by_folds
from training.judge import slices
from training.manifest import manifest
from training.report import parameters, run_report
from training.result import TrainResult
from training.scorecard import scorecard
from training.search import Found, searched
from training.split import OOT, STOP, TRAIN, Split
from training.spool import in_batches, spread
from training.windows import without_events

FEW_TO_STOP = 50  # events on the stopping slice below which folds of the training borrowers choose the number of trees


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
    found: Found | None = None
    if config.trials or config.seconds:
        config, found = searched(panel, config, progress)
    fitted = _learned(panel, config, progress)
    drafts = {name: draft(one, panel, split, target, settings) for name, one in fitted.items()}
    models = {name: Model(one, config.threads) for name, one in drafts.items()}
    scored = {name: calibrated(in_batches(one.raw, rows.x), rows, config) for name, one in models.items()}
    own = scored.pop(config.model)
    beside = baselines(rows, scored, config)
    swept = spread(rows.x, rows.at(OOT), MOST_ROWS)
    certificate = certify(models[config.model], swept, panel.catalogue.monotone, panel.catalogue.names)
    facts = replace(panel, rows=rows.facts())
    report = run_report(facts, own.pd, split, fitted[config.model], target, certificate, beside)
    report |= {
        "calibration": calibration_report(own, rows, config),
        "search": asdict(found) if found else None,
        "set_aside": without_events(rows, {config.model: own.pd, **beside}, config.set_aside),
    }
    bundle = finish(drafts[config.model], rows, own.calibration, report["metrics"], certificate)
    made = manifest(target, config, "", panel.catalogue.fingerprint, bundle.id)
    told = parameters(config, target, "", panel.catalogue)
    return TrainResult(bundle, told, report, rows, own.pd, beside, split, panel.products, made)


def _learned(panel: Panel, config: Config, progress: Progress | None) -> dict[str, Fitted]:
    """Every model of `training.config.MODELS` trained on the same rows."""
    rows, names, monotone = panel.rows, panel.catalogue.names, panel.catalogue.monotone
    train, stop = (Slice(rows.x, at, rows.y[at]) for at in (rows.at(TRAIN), rows.at(STOP)))
    trees = trees_by_folds(panel, config) if stop.y.sum() < FEW_TO_STOP else None
    return {
        "gbm": fit(train, stop, names, monotone, config, progress, trees),
        "scorecard": scorecard(train, names, monotone),
    }


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
