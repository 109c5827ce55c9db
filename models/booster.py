"""LightGBM behind the two questions a model is asked: log-odds, and what each feature adds to them."""

from __future__ import annotations

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models.booster_row import one_row

Floats = NDArray[np.float64]


class Booster:
    """Boosted trees from their text; `threads` is the number LightGBM may use in one call."""

    def __init__(self, text: str, threads: int) -> None:
        self._threads = threads
        self._text = text
        self._booster = lightgbm.Booster(model_str=text)
        self._one = one_row(self._booster, threads)

    @property
    def width(self) -> int:
        """How many features the trees read."""
        return int(self._booster.num_feature())

    def raw(self, x: NDArray[np.floating]) -> Floats:
        """Log-odds, (n,)."""
        if len(x) == 1 and self._one is not None:
            return self._one(x)
        return self._predict(x, raw_score=True).reshape(len(x))

    def contributions(self, x: NDArray[np.floating]) -> Floats:
        """Exact TreeSHAP contributions, (n, k + 1), the last column the mean of training (Lundberg et al. 2020)."""
        return self._predict(x, pred_contrib=True).reshape(len(x), self.width + 1)

    def thresholds(self) -> dict[int, NDArray[np.float64]]:
        """The values each column is split at (left where value <= threshold), ascending, by column that is split."""
        columns, values = (
            np.array([one for line in _lines(self._text, name) for one in line.split()], float)
            for name in ("split_feature", "threshold")
        )
        return {int(column): np.unique(values[columns == column]) for column in np.unique(columns)}

    def _predict(self, x: NDArray[np.floating], **kind: bool) -> Floats:
        if not len(x):
            return np.empty((0, self.width + 1 if kind.get("pred_contrib") else 1))
        rows = np.ascontiguousarray(x, np.float64)
        return np.asarray(self._booster.predict(rows, num_threads=self._threads, **kind), np.float64)


def _lines(text: str, name: str) -> list[str]:
    """What follows `name=` in the text of a model, one for each tree."""
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}=")]
