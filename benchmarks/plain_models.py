"""Three models of a small table, their settings fixed beforehand: logistic regression, boosted trees, points card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks.features import grid
from models.scorecard import Scorecard
from monitoring.bootstrap import intervals
from training.config import BOOSTER
from training.fit import Slice
from training.scorecard import scorecard

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
Fit = Callable[[NDArray[np.intp], NDArray[np.intp]], Floats]
TREES = 100
SMALL: Mapping[str, Any] = {**BOOSTER, "num_leaves": 7, "min_data_in_leaf": 20}
"""The house's settings with fewer leaves and rows in them: there are hundreds of loans, not a million."""
RIDGE = 0.1  # LogisticRegression(C=...): a strong pull to 0, for as many columns as events
FAR = 4.0  # standard deviations beyond which a value counts no more
SEED = 1
HEAD = ("question", "model", "rows", "events", "AUC (95 %)", "KS", "O/E")


@dataclass(frozen=True)
class Table:
    """Features x (n, k) with their names and directions (k,), and outcomes y (n,)."""

    x: Matrix
    y: Floats
    names: tuple[str, ...]
    monotone: tuple[int, ...]

    @classmethod
    def of(cls, x: Matrix, y: Floats, names: Sequence[str], monotone: Sequence[int]) -> Table:
        """The columns that say anything: observed somewhere, and not the same everywhere."""
        with np.errstate(invalid="ignore"):
            kept = [k for k in range(x.shape[1]) if len(np.unique(x[~np.isnan(x[:, k]), k])) > 1]
        return cls(np.ascontiguousarray(x[:, kept]), y, tuple(names[k] for k in kept), tuple(monotone[k] for k in kept))

    def logistic(self, train: NDArray[np.intp], judged: NDArray[np.intp]) -> Floats:
        """PDs of a logistic regression: medians where not observed and a column that says so, all of one spread."""
        x, gaps = self.x.astype(float), np.isnan(self.x)
        middle = np.array([_median(column) for column in x[train].T])
        filled = np.hstack([np.where(gaps, middle, x), gaps[:, gaps.any(axis=0)]])
        mean, spread = filled[train].mean(axis=0), filled[train].std(axis=0)
        even = np.clip((filled - mean) / np.where(spread > 0, spread, 1), -FAR, FAR)
        model = LogisticRegression(C=RIDGE, max_iter=2000).fit(even[train], self.y[train])
        return np.asarray(model.predict_proba(even[judged])[:, 1])

    def trees(self, train: NDArray[np.intp], judged: NDArray[np.intp], settings: Mapping[str, Any] = SMALL) -> Floats:
        """PDs of as many boosted trees as `TREES`, monotone in the declared directions."""
        told = {**settings, "monotone_constraints": list(self.monotone), "seed": SEED, "num_threads": 1}
        data = lightgbm.Dataset(self.x[train], self.y[train], params=told)
        return np.asarray(lightgbm.train(told, data, TREES).predict(self.x[judged]))

    def card(self, train: NDArray[np.intp], judged: NDArray[np.intp]) -> Floats:
        """PDs of the house's points card."""
        fitted = scorecard(Slice(self.x, train, self.y[train]), self.names, self.monotone)
        return 1 / (1 + np.exp(-Scorecard.read(fitted.text).raw(self.x[judged])))


def _median(values: Floats) -> float:
    seen = values[~np.isnan(values)]
    return float(np.median(seen)) if len(seen) else 0.0


def folded(fit: Fit, y: Floats, folds: int, seed: int = SEED) -> Floats:
    """PDs (n,) of every row by a model that has not seen it; each fold has its share of the events.

    `fit(train, judged)` gives the PDs of the rows `judged` by a model of the rows `train`.
    """
    drawn = np.random.default_rng(seed)
    place = np.empty(len(y), np.intp)
    for outcome in np.unique(y):
        rows = drawn.permutation(np.flatnonzero(y == outcome))
        place[rows] = np.arange(len(rows)) % folds
    pd = np.empty(len(y))
    for fold in range(folds):
        judged = np.flatnonzero(place == fold)
        pd[judged] = fit(np.flatnonzero(place != fold), judged)
    return pd


def line(question: str, model: str, y: Floats, pd: Floats) -> tuple[str, ...]:
    """A line of the page."""
    told = intervals(y, pd, np.arange(len(y)))
    auc, ks, oe = (told[figure] for figure in ("auc", "ks", "oe"))
    spread = f"{auc.value:.3f} ({auc.low:.3f}-{auc.high:.3f})"
    return question, model, f"{len(y):,}", f"{y.sum():,.0f}", spread, f"{ks.value:.3f}", f"{oe.value:.2f}"


def table(lines: Sequence[tuple[str, ...]]) -> str:
    """The lines as a table of the page."""
    return grid(HEAD, list(lines))
