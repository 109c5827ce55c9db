"""Borrower-grouped folds inside the training slice, judged on its later months."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.config import Config
from training.data import Panel
from training.fit import Slice, booster_parameters
from training.split import TRAIN

FOLDS = 4
LATER = 50  # events in the later half of the months, below which all months judge
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Folds:
    """The training slice in LightGBM's bins, made once, and (train, judge) positions in it for every fold."""

    data: lightgbm.Dataset
    pairs: tuple[tuple[Index, Index], ...]

    @classmethod
    def of(cls, panel: Panel, config: Config) -> Folds:
        """Folds of the training rows of a panel: no borrower is in both halves of a pair."""
        rows, at = panel.rows, panel.rows.at(TRAIN)
        parameters = booster_parameters(config, panel.catalogue.monotone) | {"feature_pre_filter": False}
        data = Slice(rows.x, at, rows.y[at]).binned(panel.catalogue.names, parameters)
        data.construct()
        return cls(data, grouped(rows.borrower[at], rows.as_of[at], rows.y[at]))

    def losses(self, parameters: dict[str, object], rounds: int, fold: int, patience: int) -> NDArray[np.float64]:
        """Log-loss on the judged rows of a fold after every tree, until none of `patience` trees gains."""
        train, judged = (self.data.subset(index) for index in self.pairs[fold])
        seen: dict[str, dict[str, list[float]]] = {}
        calls = [lightgbm.early_stopping(patience, verbose=False), lightgbm.record_evaluation(seen)]
        lightgbm.train(parameters, train, rounds, [judged], ["judged"], callbacks=calls)
        return np.array(seen["judged"]["binary_logloss"])


def trees_by_folds(panel: Panel, config: Config) -> int:
    """How many trees have the least log-loss, the mean over the folds: where a stopping slice has too few events."""
    folds = Folds.of(panel, config)
    parameters = booster_parameters(config, panel.catalogue.monotone) | {"feature_pre_filter": False}
    curves = [folds.losses(parameters, config.rounds, fold, 2 * config.patience) for fold in range(len(folds.pairs))]
    longest = max(map(len, curves))
    held = [np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in curves]
    return int(np.argmin(np.mean(held, axis=0))) + 1


def grouped(
    borrower: NDArray[np.int64], as_of: NDArray[np.int32], y: NDArray[np.float64]
) -> tuple[tuple[Index, Index], ...]:
    """Positions to train on, and to judge on, of each fold.

    A fold's borrowers are judged on the later half of the months where those hold `LATER` events, else on all.
    """
    fold = borrower % FOLDS
    later = as_of > np.median(np.unique(as_of))
    judging = later if y[later].sum() >= LATER else np.ones(len(y), bool)
    return tuple((np.flatnonzero(fold != one), np.flatnonzero((fold == one) & judging)) for one in range(FOLDS))
