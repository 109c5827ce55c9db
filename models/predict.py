"""PD and its exact contributions from a bundle: one code path for one loan and for a million."""

from __future__ import annotations

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle

Floats = NDArray[np.float64]


class Model:
    """The booster of a bundle, ready to score.

    Inputs `x` are feature matrices (n, k) in the order of `bundle.features`, NaN = not observed. Results do
    not depend on how rows are grouped into calls. `threads` is the number LightGBM may use in one call.
    """

    def __init__(self, bundle: Bundle, threads: int = 1) -> None:
        self.bundle = bundle
        self._threads = threads
        self._booster = lightgbm.Booster(model_str=bundle.model_text)
        if self._booster.num_feature() != len(bundle.features):
            raise ValueError(
                f"the booster takes {self._booster.num_feature()} features, the bundle names {len(bundle.features)}"
            )

    def raw(self, x: NDArray[np.floating]) -> Floats:
        """Log-odds of the booster before calibration, shape (n,)."""
        return self._predict(x, raw_score=True).reshape(len(x))

    def pd(self, x: NDArray[np.floating]) -> Floats:
        """Calibrated PD, shape (n,)."""
        return self.calibrate(self.raw(x))

    def calibrate(self, raw: Floats) -> Floats:
        """PD of the booster's log-odds, shape (n,)."""
        return self.bundle.calibration.apply(raw)

    def contributions(self, x: NDArray[np.floating]) -> Floats:
        """Exact TreeSHAP contributions in log-odds, shape (n, k + 1).

        The last column is the base, the mean of training; a row sums to `raw` (Lundberg et al. 2020).
        """
        return self._predict(x, pred_contrib=True).reshape(len(x), len(self.bundle.features) + 1)

    def _predict(self, x: NDArray[np.floating], **kind: bool) -> Floats:
        if x.ndim != 2 or x.shape[1] != len(self.bundle.features):
            raise ValueError(f"features have shape {x.shape}, must be (n, {len(self.bundle.features)})")
        width = len(self.bundle.features) + 1 if kind.get("pred_contrib") else 1
        if not len(x):
            return np.empty((0, width))
        rows = np.ascontiguousarray(x, np.float64)
        return np.asarray(self._booster.predict(rows, num_threads=self._threads, **kind), np.float64)
