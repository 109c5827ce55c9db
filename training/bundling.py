"""Putting a bundle together: booster, calibration, what is usual, golden rows."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.settings import Settings
from models.bundle import Bundle, Golden
from models.calibration import Calibration
from models.predict import Model
from models.reference import ENOUGH, Medians, medians, population
from monitoring.target import Target
from training.data import Panel, Rows
from training.fit import Fitted
from training.split import OOT, TRAIN, Split
from training.spool import spread

GOLDEN = 16  # rows whose scores are kept with the bundle
USUAL = 300_000  # training rows, evenly spread, that say what is usual
LIBRARIES = ("lightgbm", "numpy", "scikit-learn", "loanwatch")


def draft(fitted: Fitted, panel: Panel, split: Split, target: Target, settings: Settings) -> Bundle:
    """A bundle that can score, before calibration; its figures and golden rows are filled in by `finish`."""
    catalogue = panel.catalogue
    return Bundle(
        target=target.name,
        horizon=target.horizon,
        features=catalogue.names,
        fingerprint=catalogue.fingerprint,
        model_text=fitted.text,
        calibration=Calibration(),
        reference=population(spread(panel.rows.x, panel.rows.at(TRAIN), USUAL)),
        expected=0.0,
        golden=Golden(np.empty((0, len(catalogue.names)), np.float32), np.empty(0), np.empty(0)),
        dates=split.dates,
        versions={name: version(name) for name in LIBRARIES} | {"python": sys.version.split()[0]},
        settings=_plain(settings),
        own=dict(catalogue.own),
        kind=fitted.kind,
        products=_products(panel),
    )


def finish(
    bundle: Bundle, rows: Rows, calibration: Calibration, metrics: dict[str, Any], certificate: dict[str, Any]
) -> Bundle:
    """The draft with its calibration, figures, base value and golden rows."""
    model = Model(bundle)
    x = _golden_rows(rows)
    raw = model.raw(x)
    return replace(
        bundle,
        calibration=calibration,
        expected=float(model.contributions(x[:1])[0, -1]),
        golden=Golden(x, raw, calibration.apply(raw)),
        metrics=metrics,
        certificate=certificate,
    )


def _products(panel: Panel) -> dict[str, Medians]:
    """What is usual for each product that has training rows enough."""
    rows, train = panel.rows, panel.rows.at(TRAIN)
    at = {name: train[rows.product[train] == code] for code, name in enumerate(panel.products)}
    return {name: medians(spread(rows.x, index, USUAL)) for name, index in at.items() if len(index) >= ENOUGH}


def _golden_rows(rows: Rows) -> NDArray[np.float32]:
    """`GOLDEN` out-of-time rows spread from the events to the non-events."""
    at = rows.at(OOT)
    order = at[np.argsort(-rows.y[at], kind="stable")]
    return spread(rows.x, order, GOLDEN)


def _plain(settings: Settings) -> dict[str, Any]:
    values = {one.name: getattr(settings, one.name) for one in fields(settings)}
    return values | {
        "default_events": list(settings.default_events),
        "posting_lag_days": dict(settings.posting_lag_days),
    }
