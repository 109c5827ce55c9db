"""The models of a run side by side: boosted trees, points card, roll table, all calibrated on the same slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration
from training.calibrate import calibrate
from training.config import Config
from training.data import Rows
from training.roll_table import roll_table, rolled
from training.split import CALIBRATE, TRAIN

Floats = NDArray[np.float64]

MODELS = ("gbm", "scorecard")
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
    found = calibrate(raw[held_out], rows.y[held_out], config.central_tendency)
    return Calibrated(raw, found, found.apply(raw))


def baselines(rows: Rows, others: Mapping[str, Calibrated], config: Config) -> dict[str, Floats]:
    """PD (n,) of all rows by each model that the run's own must beat: the `others` and the roll table."""
    train = rows.at(TRAIN)
    table = roll_table(rows.dpd[train], rows.y[train])
    return {name: one.pd for name, one in others.items()} | {
        ROLL_TABLE: calibrated(rolled(table, rows.dpd), rows, config).pd
    }
