"""LightGBM behind the two questions a model is asked: log-odds, and what each feature adds to them."""

from __future__ import annotations

import lightgbm
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Booster:
    """Boosted trees from their text; `threads` is the number LightGBM may use in one call."""

    def __init__(self, text: str, threads: int) -> None:
        self._threads = threads
        self._booster = lightgbm.Booster(model_str=text)

    @property
    def width(self) -> int:
        """How many features the trees read."""
        return int(self._booster.num_feature())

    def raw(self, x: NDArray[np.floating]) -> Floats:
        """Log-odds, (n,)."""
        return self._predict(x, raw_score=True).reshape(len(x))

    def contributions(self, x: NDArray[np.floating]) -> Floats:
        """Exact TreeSHAP contributions, (n, k + 1), the last column the mean of training (Lundberg et al. 2020)."""
        return self._predict(x, pred_contrib=True).reshape(len(x), self.width + 1)

    def _predict(self, x: NDArray[np.floating], **kind: bool) -> Floats:
        if not len(x):
            return np.empty((0, self.width + 1 if kind.get("pred_contrib") else 1))
        rows = np.ascontiguousarray(x, np.float64)
        return np.asarray(self._booster.predict(rows, num_threads=self._threads, **kind), np.float64)
