"""The models of a run side by side: boosted trees, points card, roll table, all calibrated on the same slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration
from monitoring.metrics import by_group
from training.calibrate import calibrate
from training.config import Config
from training.data import Rows
from training.judge import BUCKETS, bucket, finite
from training.roll_table import roll_table, rolled
from training.split import CALIBRATE, TRAIN
from training.tendency import tendency

Floats = NDArray[np.float64]

ROLL_TABLE = "roll_table"


@dataclass(frozen=True)
class Calibrated:
    """A model's log-odds `raw` (n,) and PD (n,) of all rows of a run, and the calibration between them."""

    raw: Floats
    calibration: Calibration
    pd: Floats


def calibrated(raw: Floats, rows: Rows, config: Config) -> Calibrated:
    """Calibrated on the slice kept for it, moved to the central tendency where one is asked for."""
    held_out = rows.at(CALIBRATE)
    found = calibrate(raw[held_out], rows.y[held_out], tendency(config.central_tendency, rows).rate)
    return Calibrated(raw, found, found.apply(raw))


def baselines(rows: Rows, others: Mapping[str, Calibrated], config: Config) -> dict[str, Floats]:
    """PD (n,) of all rows by each model that the run's own must beat: the `others` and the roll table."""
    train = rows.at(TRAIN)
    table = roll_table(rows.dpd[train], rows.y[train])
    return {name: one.pd for name, one in others.items()} | {
        ROLL_TABLE: calibrated(rolled(table, rows.dpd), rows, config).pd
    }


def calibration_report(found: Calibrated, rows: Rows, config: Config) -> dict[str, Any]:
    """How the PD was calibrated, and its figures by bucket on the slice it was fitted on."""
    at = rows.at(CALIBRATE)
    told = tendency(config.central_tendency, rows)
    y, pd = rows.y[at], found.pd[at]
    groups = by_group(y, pd, bucket(rows.dpd[at]), BUCKETS)
    return {
        "kind": found.calibration.kind,
        "events": int(y.sum()),
        "central_tendency": told.rule,
        "rate": told.rate,
        "shift": found.calibration.shift,
        "by_bucket": {
            name: finite({key: one[key] for key in ("rows", "events", "rate", "mean_pd", "oe")})
            for name, one in groups.items()
        },
    }
