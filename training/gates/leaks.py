"""Canaries: what only a feature that has seen the future could do."""

from __future__ import annotations

from collections.abc import Sequence

import lightgbm
import numpy as np
from numpy.typing import NDArray

from monitoring.bootstrap import Interval, spread
from monitoring.metrics import auc
from monitoring.weighted import Ladder
from monitoring.weighted import auc as weighted_auc
from training.case import Case
from training.config import Config
from training.data import Rows
from training.fit import booster_parameters
from training.gates.verdict import Found
from training.split import OOT, TRAIN

Floats = NDArray[np.float64]

SAMPLE = 15_000  # rows a feature is looked at by; all events are among them up to half of it
FEW = 20  # rows or events below which nothing is said about current loans
_SHUFFLED = 6_000  # rows that a model of shuffled outcomes is trained and judged on
_TREES = 30
_Z = 1.959964


def single_feature(case: Case) -> Sequence[Found] | str:
    """The feature that alone tells events apart best, in either direction; not observed counts as the lowest value."""
    if not 0 < case.events < len(case.rows):
        return "no events or no non-events"
    outcomes = case.y[case.sample.at]
    at = _sample(outcomes)
    y, x = outcomes[at], case.sample.x[at]
    values = [_two_sided(y, x[:, column]) for column in range(len(case.names))]
    best = int(np.argmax(values))
    return [Found(case.names[best], values[best], values[best], values[best], case.events)]


def current_loans(case: Case) -> Sequence[Found] | str:
    """The feature by which current loans can be picked that nearly all default: rate, and its Wilson interval.

    Picked are a quarter as many loans as there are events, at least `FEW`, from either end of the feature.
    """
    current = np.flatnonzero(case.rows.dpd[case.sample.at] <= 0)
    y, x = case.y[case.sample.at][current], case.sample.x[current]
    events = int(y.sum())
    if events < FEW or len(y) < 4 * FEW:
        return f"{events} events among {len(y)} loans that are current; needed: {FEW}"
    k = max(FEW, events // 4)
    best, lead = -1.0, ""
    for column, name in enumerate(case.names):
        rate = _purest(y, x[:, column], k)
        if rate > best:
            best, lead = rate, name
    return [Found(lead, best, *_wilson(best, k), events)]


def permuted(rows: Rows, names: Sequence[str], monotone: Sequence[int], config: Config) -> Interval | None:
    """AUC, with its interval, of a small model trained and judged on outcomes dealt out anew among the rows."""
    random = np.random.default_rng(config.seed)
    usable = np.flatnonzero(~np.isnan(rows.y))
    y = np.full(len(rows), np.nan)
    y[usable] = random.permutation(rows.y[usable])
    learn, oot = (np.sort(random.permutation(rows.at(role))[:_SHUFFLED]) for role in (TRAIN, OOT))
    if any(not 0 < y[at].sum() < len(at) for at in (learn, oot)):
        return None
    options = booster_parameters(config, monotone)
    data = lightgbm.Dataset(np.asarray(rows.x[learn]), y[learn], feature_name=list(names), params=options)
    booster = lightgbm.train(options, data, _TREES)
    score = np.asarray(booster.predict(np.asarray(rows.x[oot]), num_threads=config.threads), np.float64)
    ladder = Ladder.of(y[oot], score)
    return spread(lambda weight: weighted_auc(ladder.cells(weight[ladder.order])), rows.borrower[oot])


def _sample(y: Floats) -> NDArray[np.intp]:
    """Rows with all or many events: the AUC does not depend on how many non-events there are."""
    random = np.random.default_rng(1)
    sides = [np.flatnonzero(y == value) for value in (1, 0)]
    return np.concatenate([random.permutation(side)[: SAMPLE // 2] for side in sides])


def _two_sided(y: Floats, values: NDArray[np.float32]) -> float:
    found = auc(y, np.where(np.isnan(values), -np.inf, values))
    return max(found, 1 - found)


def _purest(y: Floats, values: NDArray[np.float32], k: int) -> float:
    """Event rate of the k rows at the worse end; rows that tie at the edge count in proportion."""
    seen = ~np.isnan(values)
    if int(seen.sum()) <= k:
        return 0.0
    y, values = y[seen], values[seen]
    rates = []
    for side in (values, -values):
        edge = np.partition(side, len(side) - k)[len(side) - k]
        above, tied = side > edge, side == edge
        left = k - int(above.sum())
        rates.append((float(y[above].sum()) + left * float(y[tied].mean())) / k)
    return max(rates)


def _wilson(rate: float, n: int) -> tuple[float, float]:
    """Bounds of a share of n (Wilson 1927)."""
    centre = (rate + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
    return float(centre - half), float(centre + half)
