"""Fitting a calibration on its own slice: Platt by default, isotonic where events are many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

from book.errors import Refusal
from models.calibration import Calibration, sigmoid
from monitoring.metrics import log_odds, logistic

Floats = NDArray[np.float64]

MANY = 1000  # events from which isotonic is fitted
FEW = 50  # events below which only the intercept is fitted
_STEPS = 100


def calibrate(raw: Floats, y: Floats, central_tendency: float | None = None) -> Calibration:
    """The calibration of raw log-odds (n,) with outcomes y (n,).

    Below `FEW` events the slope stays 1; from `MANY` events isotonic. With a `central_tendency` the mean PD
    of the slice is moved to it by an intercept shift. Raises Refusal where the slice has no event or no
    non-event.
    """
    events = int(np.sum(y))
    if not 0 < events < len(y):
        raise Refusal(
            f"the calibration slice has {events} events in {len(y)} rows; needed: at least one event and one "
            "non-event; a longer book, more loans or a longer horizon would give them"
        )
    if events >= MANY:
        fitted = _isotonic(raw, y)
    elif events >= FEW:
        fitted = _platt(raw, y)
    else:
        fitted = Calibration("platt", intercept=shift_to(raw, events / len(y)))
    if central_tendency is None:
        return fitted
    return fitted.shifted(shift_to(fitted.log_odds(raw), central_tendency))


def _platt(raw: Floats, y: Floats) -> Calibration:
    """Logistic regression on the raw score; the level alone where the slope is not finite or turns the order."""
    try:
        intercept, slope = logistic(raw, y)
    except ValueError:
        slope = 0.0
    if slope > 0:
        return Calibration("platt", slope=slope, intercept=intercept)
    return Calibration("platt", intercept=shift_to(raw, float(np.mean(y))))


def _isotonic(raw: Floats, y: Floats) -> Calibration:
    """Centred isotonic regression: one knot per pooled block, at its mean raw score (Oron & Flournoy 2017).

    Rates of 0 and 1 are moved half an event inward; blocks that meet there are joined.
    """
    order = np.argsort(raw, kind="stable")
    raw, rates = raw[order], isotonic_regression(y[order])
    starts = np.flatnonzero(np.diff(rates, prepend=-1.0))
    sizes = np.diff(np.append(starts, len(raw)))
    centres = np.add.reduceat(raw, starts) / sizes
    values = log_odds(np.clip(rates[starts], 0.5 / sizes, 1 - 0.5 / sizes))
    rising = np.append(True, values[1:] > np.maximum.accumulate(values)[:-1])
    rising &= np.append(True, np.diff(centres) > 0)
    return Calibration("isotonic", knots=tuple(centres[rising].tolist()), values=tuple(values[rising].tolist()))


def shift_to(scores: Floats, rate: float) -> float:
    """The constant that added to log-odds (n,) brings their mean probability to `rate`, by bisection."""
    if not 0 < rate < 1:
        raise Refusal(f"central tendency is {rate}; must be above 0 and below 1")
    low, high = -50.0, 50.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if float(np.mean(sigmoid(scores + middle))) < rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2
