"""What a training run is told: target, slices, booster; every value is logged with the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from book.errors import Refusal

MODELS = ("gbm", "scorecard")
Progress = Callable[[int, int], None]

BOOSTER: Mapping[str, float | int | str | bool] = MappingProxyType(
    {
        "objective": "binary",
        "learning_rate": 0.03,
        "num_leaves": 15,
        "min_data_in_leaf": 50,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "max_bin": 127,
        "monotone_constraints_method": "basic",
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
)


@dataclass(frozen=True)
class Config:
    """Settings of one training run.

    `model`: which of the models trained side by side is the run's own, "gbm" (boosted trees) or "scorecard".
    `oot_months`: length of the out-of-time slice, fewer where the history is short; `stop_share` and
    `calibrate_share`: borrowers kept out of training for early stopping and for calibration; `rounds`: most
    trees; `patience`: trees without gain on the stopping slice; `trials` and `seconds`: budget of a search for
    settings of the booster (`training.search`), none by default; `central_tendency`: what level the PDs have
    (`training.tendency`); `chunk`: observations measured at a time; `set_aside`: first and last day (since 1970) of a
    window, figures without whose events are reported beside.
    """

    model: str = "gbm"
    seed: int = 20260101
    oot_months: int = 6
    stop_share: float = 0.15
    calibrate_share: float = 0.2
    rounds: int = 600
    patience: int = 40
    threads: int = 2
    trials: int = 0
    seconds: float | None = None
    central_tendency: str | float = "latest"
    chunk: int = 20_000
    set_aside: tuple[int, int] | None = None
    booster: Mapping[str, float | int | str | bool] = field(default_factory=lambda: BOOSTER)

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise Refusal(f"model is {self.model!r}; allowed: {', '.join(MODELS)}")
