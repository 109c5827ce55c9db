"""Figures of a score against what came of it: discrimination, calibration, queue. Plain numpy, hand-checked.

Throughout `y` (n,) is 1 for an event, 0 for none; `pd` (n,) is the probability stated before. A figure that
the data cannot give (no event, no non-event, no row) is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 10
_STEPS = 50


def auc(y: Floats, pd: Floats) -> float:
    """Chance that an event has a higher PD than a non-event, ties half (Mann-Whitney)."""
    events = float(np.sum(y))
    others = len(y) - events
    if not events or not others:
        return float("nan")
    return float((np.sum(_ranks(pd)[y == 1]) - events * (events + 1) / 2) / (events * others))


def gini(y: Floats, pd: Floats) -> float:
    """2 AUC - 1."""
    return 2 * auc(y, pd) - 1


def ks(y: Floats, pd: Floats) -> float:
    """Largest distance between the score distributions of events and non-events."""
    events, others = np.sort(pd[y == 1]), np.sort(pd[y == 0])
    if not len(events) or not len(others):
        return float("nan")
    at = np.unique(pd)
    share = [np.searchsorted(part, at, side="right") / len(part) for part in (events, others)]
    return float(np.max(np.abs(share[0] - share[1])))


def average_precision(y: Floats, pd: Floats) -> float:
    """Area under the precision-recall curve, as the step sum of precision over gains in recall."""
    if not np.sum(y):
        return float("nan")
    hits, taken = _ladder(y, pd)
    gained = np.diff(hits, prepend=0.0)
    return float(np.sum(gained / hits[-1] * hits / taken))


def brier(y: Floats, pd: Floats) -> float:
    """Mean squared error of the PD (Brier 1950)."""
    return float(np.mean((pd - y) ** 2)) if len(y) else float("nan")


def brier_skill(y: Floats, pd: Floats) -> float:
    """1 - Brier / Brier of the event rate itself: above 0 is better than stating the average."""
    rate = _mean(y)
    return 1 - brier(y, pd) / (rate * (1 - rate)) if 0 < rate < 1 else float("nan")


def ece(y: Floats, pd: Floats, bins: int = BINS) -> float:
    """Mean distance of event rate and mean PD over `bins` bins of equal mass, ordered by PD."""
    if not len(y):
        return float("nan")
    order = np.argsort(pd, kind="stable")
    parts = np.array_split(order, min(bins, len(y)))
    return float(sum(abs(np.sum(y[part]) - np.sum(pd[part])) for part in parts) / len(y))


def observed_expected(y: Floats, pd: Floats) -> float:
    """Events over the sum of PDs."""
    expected = float(np.sum(pd))
    return float(np.sum(y)) / expected if expected > 0 else float("nan")


def calibration_slope(y: Floats, pd: Floats) -> float:
    """Slope of a logistic regression of the outcome on the PD's log-odds: 1 is right, below 1 too spread."""
    if not 0 < np.sum(y) < len(y) or np.ptp(pd) == 0:
        return float("nan")
    try:
        return logistic(log_odds(pd), y)[1]
    except ValueError:
        return float("nan")


def capture(y: Floats, pd: Floats, capacity: float) -> float:
    """Share of all events in the top `capacity` share of rows by PD; ties at the edge in proportion."""
    events = float(np.sum(y))
    return _caught(y, pd, capacity) / events if events else float("nan")


def lift(y: Floats, pd: Floats, capacity: float) -> float:
    """Event rate of the `capacity` share of rows with the highest PD over that of all."""
    return capture(y, pd, capacity) / capacity


def precision(y: Floats, pd: Floats, capacity: float) -> float:
    """Event rate of the `capacity` share of rows with the highest PD."""
    return _caught(y, pd, capacity) / (capacity * len(y)) if len(y) else float("nan")


FIGURES: Mapping[str, Callable[[Floats, Floats], float]] = {
    "auc": auc,
    "gini": gini,
    "ks": ks,
    "pr_auc": average_precision,
    "brier": brier,
    "brier_skill": brier_skill,
    "ece": ece,
    "oe": observed_expected,
    "slope": calibration_slope,
    "lift_5": lambda y, pd: lift(y, pd, 0.05),
    "capture_5": lambda y, pd: capture(y, pd, 0.05),
    "precision_5": lambda y, pd: precision(y, pd, 0.05),
}


def figures(y: Floats, pd: Floats) -> dict[str, float]:
    """Rows, events, event rate, mean PD and all of `FIGURES`."""
    counted = {"rows": float(len(y)), "events": float(np.sum(y)), "rate": _mean(y), "mean_pd": _mean(pd)}
    return counted | {name: figure(y, pd) for name, figure in FIGURES.items()}


def by_group(y: Floats, pd: Floats, group: NDArray[np.integer], names: Sequence[str]) -> dict[str, dict[str, float]]:
    """`figures` of each group that has rows; `group` (n,) are positions in `names`."""
    present = [(position, name) for position, name in enumerate(names) if np.any(group == position)]
    return {name: figures(y[group == position], pd[group == position]) for position, name in present}


def log_odds(pd: Floats) -> Floats:
    """ln(p / (1 - p)), with PDs kept 1e-12 away from 0 and 1."""
    kept = np.clip(pd, 1e-12, 1 - 1e-12)
    return np.log(kept) - np.log1p(-kept)


def logistic(x: Floats, y: Floats, weight: Floats | None = None) -> tuple[float, float]:
    """Intercept and slope of P(y) = 1 / (1 + exp(-(a + b x))) by Newton's method; `y` may be fractional.

    Raises ValueError where no finite answer exists (events and non-events apart on x).
    """
    weights = np.ones(len(y)) if weight is None else weight
    rate = float(np.average(y, weights=weights))
    design = np.stack([np.ones(len(x)), x], axis=1)
    answer = np.array([np.log(rate / (1 - rate)), 0.0])
    for _ in range(_STEPS):
        score = design @ answer
        p = 1 / (1 + np.exp(-np.clip(score, -500, 500)))
        bend = (design * (weights * p * (1 - p))[:, None]).T @ design
        if np.linalg.cond(bend) > 1e14:
            break
        step = np.linalg.solve(bend, design.T @ (weights * (y - p)))
        while _loss(design @ (answer + step), y, weights) > _loss(score, y, weights) * (1 + 1e-12):
            step = step / 2
        answer = answer + step
        if np.max(np.abs(step)) < 1e-10:
            return float(answer[0]), float(answer[1])
    raise ValueError("logistic regression has no finite answer: events and non-events do not overlap")


def _loss(score: Floats, y: Floats, weight: Floats) -> float:
    """Negative log-likelihood of log-odds."""
    return float(np.sum(weight * (np.logaddexp(0, score) - y * score)))


def _mean(values: Floats) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, ties averaged."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


def _ladder(y: Floats, pd: Floats) -> tuple[Floats, Floats]:
    """Events and rows at or above each distinct PD, from the highest down."""
    order = np.argsort(-pd, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(pd[order])), len(pd) - 1)
    return np.cumsum(y[order])[ends], (ends + 1).astype(float)


def _caught(y: Floats, pd: Floats, capacity: float) -> float:
    """Events among the top `capacity` share; within a tie across the edge events are spread evenly."""
    if not 0 < capacity <= 1:
        raise ValueError(f"capacity is {capacity}, must be above 0, at most 1")
    if not len(y):
        return float("nan")
    hits, taken = _ladder(y, pd)
    return float(np.interp(capacity * len(y), np.append(0.0, taken), np.append(0.0, hits)))
