"""The level that PDs are moved to: of the latest outcomes known, of the whole training window, or a stated rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.errors import Refusal
from training.data import Rows
from training.split import CALIBRATE, STOP, TRAIN

LATEST, LONG_RUN = "latest", "long_run"


@dataclass(frozen=True)
class Tendency:
    """`rule` as it was asked for, and the event rate that the mean PD of the calibration slice is moved to.

    `rate` is None where the level stays that of the slice.
    """

    rule: str
    rate: float | None


def tendency(rule: str | float, rows: Rows) -> Tendency:
    """What a rule means on the rows of a run.

    "latest": the calibration slice as it is, the last months whose outcomes were known before the out-of-time slice.
    "long_run": the mean over all months of the training window of each month's event rate, every month alike.
    A number is the rate itself. Refusal for anything else.
    """
    if rule == LATEST:
        return Tendency(LATEST, None)
    if rule == LONG_RUN:
        return Tendency(LONG_RUN, _long_run(rows))
    if isinstance(rule, str):
        raise Refusal(f"central tendency is {rule!r}; allowed: {LATEST}, {LONG_RUN}, or a rate above 0 and below 1")
    return Tendency("stated", rule)


def read_rule(text: str) -> str | float:
    """A rule from the command line: a name, or a number; what is neither is refused when it is used."""
    try:
        return float(text)
    except ValueError:
        return text


def _long_run(rows: Rows) -> float:
    """Training rows are thinned alike in every month and borrowers are drawn by chance, so all slices count."""
    used = np.isin(rows.role, (TRAIN, STOP, CALIBRATE)) & ~np.isnan(rows.y)
    _, month = np.unique(rows.as_of[used], return_inverse=True)
    return float(np.mean(np.bincount(month, rows.y[used]) / np.bincount(month)))
