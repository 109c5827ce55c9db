"""Making a points card: monotone bins, features that say different things, a logistic regression, whole points."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.scorecard import ANCHOR, ANCHOR_ODDS, LOG_ODDS, Line, Scorecard
from training.bins import Bins, bins
from training.fit import Fitted, Slice

Floats = NDArray[np.float64]

ROWS = 300_000  # training rows that are looked at, spread evenly
WEAK = 0.02  # information value below which a feature says nothing (Siddiqi 2006)
ALIKE = 0.7  # correlation of two WOE above which the weaker is left out
LINES = 16
EVENTS_A_LINE = 10
RIDGE = 0.1  # L2 penalty on WOE coefficients


def scorecard(train: Slice, names: Sequence[str], monotone: Sequence[int]) -> Fitted:
    """A card from the training rows; `monotone` (k,) is 1, -1 or 0 per column.

    At most one line for every `EVENTS_A_LINE` events; a line whose coefficient turns the direction of its bins goes.
    `importance` (k,) of the answer is the spread of each line's points over the training rows.
    """
    at = np.arange(len(train.y)) if len(train.y) <= ROWS else np.linspace(0, len(train.y) - 1, ROWS).astype(np.intp)
    x, y = np.asarray(train.x[train.index[at]]), train.y[at]
    binned = [bins(x[:, column], y, sign) for column, sign in enumerate(monotone)]
    chosen = _different(x, binned, max(2, min(LINES, int(y.sum()) // EVENTS_A_LINE)))
    woe = _weights(x, binned, chosen)
    chosen, coefficients, intercept = _regressed(woe, y, chosen)
    lines = tuple(
        _line(names[column], binned[column], weight, x[:, column])
        for column, weight in zip(chosen, coefficients, strict=True)
    )
    card = Scorecard(tuple(names), round(ANCHOR - (math.log(ANCHOR_ODDS) + intercept) / LOG_ODDS), lines)
    importance = np.zeros(len(names))
    for line, column in zip(lines, card.columns, strict=True):
        importance[column] = line.points_of(x[:, column]).std()
    return Fitted(card.text(), 0, _loss(card.raw(x), y), importance, "scorecard")


def _different(x: NDArray[np.float32], binned: Sequence[Bins], most: int) -> list[int]:
    """Columns by information value, each not like one before it."""
    order = sorted(range(len(binned)), key=lambda column: (-binned[column].value, column))
    chosen: list[int] = []
    taken: list[Floats] = []
    for column in order:
        if binned[column].value < WEAK or len(chosen) == most:
            break
        woe = binned[column].of(x[:, column])
        spread = woe - woe.mean()
        scale = float(np.sqrt(spread @ spread))
        if scale == 0 or any(abs(float(spread @ other)) > ALIKE * scale for other in taken):
            continue
        chosen.append(column)
        taken.append(spread / scale)
    return chosen


def _weights(x: NDArray[np.float32], binned: Sequence[Bins], chosen: Sequence[int]) -> Floats:
    """WOE of the chosen columns, (n, lines)."""
    if not chosen:
        return np.empty((len(x), 0))
    return np.stack([binned[column].of(x[:, column]) for column in chosen], axis=1)


def _regressed(woe: Floats, y: Floats, chosen: list[int]) -> tuple[list[int], list[float], float]:
    """Columns kept, their coefficients (all above 0) and the intercept."""
    kept = list(range(len(chosen)))
    while kept:
        model = LogisticRegression(C=1 / RIDGE, tol=1e-8, max_iter=1000).fit(woe[:, kept], y)
        coefficients = model.coef_[0]
        if coefficients.min() > 0:
            return [chosen[one] for one in kept], coefficients.tolist(), float(model.intercept_[0])
        kept.pop(int(np.argmin(coefficients)))
    rate = float(y.mean())
    return [], [], math.log(rate / (1 - rate))


def _line(name: str, found: Bins, weight: float, values: NDArray[np.float32]) -> Line:
    """WOE times its weight in whole points; more points are a better loan."""
    points = tuple(int(one) for one in np.rint(-found.woe * weight / LOG_ODDS))
    line = Line(name, tuple(found.edges.tolist()), points, round(-found.missing * weight / LOG_ODDS), 0.0)
    return Line(name, line.edges, points, line.missing, float(line.points_of(values).mean()))


def _loss(raw: Floats, y: Floats) -> float:
    return float(np.mean(np.logaddexp(0, raw) - y * raw))
