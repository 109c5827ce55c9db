"""A search for booster settings that sees the training slice alone, within a budget of trials or seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from training.config import Config, Progress
from training.data import Panel
from training.fit import booster_parameters
from training.folds import Folds

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Found:
    """What a search came to: settings in place of those of the run, log-loss before and after, trials made."""

    booster: Mapping[str, float | int | str | bool]
    before: float
    after: float
    trials: int


def searched(panel: Panel, config: Config, progress: Progress | None = None) -> tuple[Config, Found]:
    """The configuration with the best settings found in `config.trials` trials or `config.seconds` seconds.

    The first trial is the configuration itself, so that what is found is never worse on the folds. The same seed and
    number of trials give the same settings; a budget of seconds depends on the machine, the manifest keeps its result.
    """
    import optuna  # slow to import

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folds = Folds.of(panel, config)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=config.seed % 2**32),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
    )
    study.enqueue_trial({name: config.booster[name] for name in _suggested(None)})

    def loss(trial: optuna.Trial) -> float:
        return _loss(trial, folds, panel, config)

    def told(study: optuna.Study, _: object) -> None:
        if progress:
            progress(len(study.trials), config.trials or len(study.trials))

    study.optimize(loss, n_trials=config.trials or None, timeout=config.seconds, callbacks=[told])
    booster = dict(config.booster) | dict(study.best_params)
    found = Found(booster, float(study.trials[0].value or np.nan), float(study.best_value), len(study.trials))
    return replace(config, booster=booster), found


def _loss(trial: optuna.Trial, folds: Folds, panel: Panel, config: Config) -> float:
    """Mean over the folds of the least log-loss; given up where it is worse than most were."""
    import optuna

    tried = replace(config, booster=dict(config.booster) | _suggested(trial))
    parameters = booster_parameters(tried, panel.catalogue.monotone) | {"feature_pre_filter": False}
    losses: list[float] = []
    for fold in range(len(folds.pairs)):
        losses.append(float(folds.losses(parameters, config.rounds, fold, config.patience).min()))
        trial.report(float(np.mean(losses)), fold)
        if trial.should_prune():
            raise optuna.TrialPruned
    return float(np.mean(losses))


def _suggested(trial: optuna.Trial | None) -> dict[str, Any]:
    """The settings that are searched; without a trial their names alone."""
    whole = {"num_leaves": (4, 31), "min_data_in_leaf": (20, 400)}
    shares = {"feature_fraction": (0.2, 0.8), "bagging_fraction": (0.5, 1.0)}
    if trial is None:
        return dict.fromkeys((*whole, *shares, "lambda_l2"))
    found: dict[str, Any] = {name: trial.suggest_int(name, *ends, log=True) for name, ends in whole.items()}
    found |= {name: trial.suggest_float(name, *ends) for name, ends in shares.items()}
    return found | {"lambda_l2": trial.suggest_float("lambda_l2", 0.5, 100, log=True)}
