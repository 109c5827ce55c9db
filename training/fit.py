"""The booster: LightGBM at the natural event rate, monotone as the catalogue says, same seed, same model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from lightgbm.callback import CallbackEnv
from numpy.typing import NDArray

from training.config import Config, Progress


@dataclass(frozen=True)
class Fitted:
    """A trained model as text, with its number of trees (a points card has none) and the log-loss it was judged by."""

    text: str
    trees: int
    stop_loss: float
    importance: NDArray[np.float64]
    kind: str = "booster"


def fit(
    train: tuple[NDArray[np.float32], NDArray[np.float64]],
    stop: tuple[NDArray[np.float32], NDArray[np.float64]],
    names: Sequence[str],
    monotone: Sequence[int],
    config: Config,
    progress: Progress | None = None,
) -> Fitted:
    """Train on `train` (x (n, k), y (n,)), stopped early by the log-loss on `stop`.

    `monotone` (k,) is 1, -1 or 0 per column. `importance` (k,) of the answer is the total gain by column.
    """
    parameters = dict(config.booster) | {
        "seed": config.seed % 2**31,
        "num_threads": config.threads,
        "monotone_constraints": list(monotone),
        "metric": "binary_logloss",
    }
    data = lightgbm.Dataset(train[0], train[1], feature_name=list(names), params=parameters, free_raw_data=True)
    watched = lightgbm.Dataset(stop[0], stop[1], reference=data, params=parameters)
    callbacks = [lightgbm.early_stopping(config.patience, verbose=False)]
    if progress is not None:
        callbacks.append(_reporting(progress))
    booster = lightgbm.train(parameters, data, config.rounds, [watched], ["stop"], callbacks=callbacks)
    best = booster.best_iteration or booster.num_trees()
    return Fitted(
        text=booster.model_to_string(num_iteration=best),
        trees=best,
        stop_loss=float(booster.best_score["stop"]["binary_logloss"]),
        importance=booster.feature_importance("gain", iteration=best).astype(np.float64),
    )


def _reporting(progress: Progress) -> lightgbm.callback.Callable[[CallbackEnv], None]:
    def report(state: CallbackEnv) -> None:
        progress(state.iteration + 1, state.end_iteration)

    return report
