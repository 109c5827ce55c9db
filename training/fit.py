"""The booster: LightGBM at the natural event rate, monotone as the catalogue says, same seed, same model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from lightgbm.callback import CallbackEnv
from numpy.typing import NDArray

from training.config import Config, Progress
from training.spool import Batches, Matrix


@dataclass(frozen=True)
class Slice:
    """Rows of a run: positions `index` (n,) in a feature matrix `x`, which may lie on disk, and outcomes y (n,)."""

    x: Matrix
    index: NDArray[np.intp]
    y: NDArray[np.float64]

    @classmethod
    def of(cls, x: Matrix, y: NDArray[np.float64]) -> Slice:
        """All rows of a matrix."""
        return cls(x, np.arange(len(y)), y)

    def binned(
        self, names: Sequence[str], parameters: dict[str, Any], like: lightgbm.Dataset | None = None
    ) -> lightgbm.Dataset:
        """The rows in LightGBM's bins, those of `like` where given; from disk they are read in batches."""
        on_disk = isinstance(self.x, np.memmap)
        rows = Batches(self.x, self.index) if on_disk else self.x[self.index]
        return lightgbm.Dataset(rows, self.y, like, feature_name=list(names), params=parameters)


@dataclass(frozen=True)
class Fitted:
    """A trained model as text, with its number of trees (a points card has none) and the log-loss it was judged by.

    `stopped_by`: whether a "slice" or "folds" of the training borrowers chose the number of trees.
    """

    text: str
    trees: int
    stop_loss: float
    importance: NDArray[np.float64]
    kind: str = "booster"
    stopped_by: str = ""


def fit(
    train: Slice,
    stop: Slice,
    names: Sequence[str],
    monotone: Sequence[int],
    config: Config,
    progress: Progress | None = None,
    trees: int | None = None,
) -> Fitted:
    """Train on `train`, stopped early by the log-loss on `stop`, or after as many `trees` as are given.

    `monotone` (k,) is 1, -1 or 0 per column. `importance` (k,) of the answer is the total gain by column.
    """
    parameters = booster_parameters(config, monotone)
    data = train.binned(names, parameters)
    watched = stop.binned(names, parameters, data)
    callbacks = [] if trees else [lightgbm.early_stopping(config.patience, verbose=False)]
    if progress is not None:
        callbacks.append(_reporting(progress))
    booster = lightgbm.train(parameters, data, trees or config.rounds, [watched], ["stop"], callbacks=callbacks)
    best = trees or booster.best_iteration or booster.num_trees()
    return Fitted(
        text=_whatever_the_threads(booster.model_to_string(num_iteration=best)),
        trees=best,
        stop_loss=float(booster.best_score["stop"]["binary_logloss"]),
        importance=booster.feature_importance("gain", iteration=best).astype(np.float64),
        stopped_by="folds" if trees else "slice",
    )


def booster_parameters(config: Config, monotone: Sequence[int]) -> dict[str, Any]:
    """What LightGBM is told."""
    return dict(config.booster) | {
        "seed": config.seed % 2**31,
        "num_threads": config.threads,
        "monotone_constraints": list(monotone),
        "metric": "binary_logloss",
    }


def _whatever_the_threads(text: str) -> str:
    """The model without the number of threads it was made with, which does not change it."""
    return re.sub(r"^\[num_threads: \d+\]\n", "", text, flags=re.MULTILINE)


def _reporting(progress: Progress) -> lightgbm.callback.Callable[[CallbackEnv], None]:
    def report(state: CallbackEnv) -> None:
        progress(state.iteration + 1, state.end_iteration)

    return report
