"""What every peer serves: the log-odds of ready-made features and their exact contributions, by LightGBM itself."""

from __future__ import annotations

import os
from pathlib import Path

import lightgbm
import numpy as np

BOOSTER = lightgbm.Booster(model_str=Path(os.environ["PEER_MODEL"]).read_text(encoding="utf-8"))


def explained(rows: np.ndarray) -> np.ndarray:
    """Log-odds before the contributions, one row a loan."""
    x = np.ascontiguousarray(rows, np.float64)
    raw = BOOSTER.predict(x, raw_score=True, num_threads=1)
    return np.column_stack([raw, BOOSTER.predict(x, pred_contrib=True, num_threads=1)])


def predicted(rows: np.ndarray) -> np.ndarray:
    """Log-odds alone."""
    return np.asarray(BOOSTER.predict(np.ascontiguousarray(rows, np.float64), raw_score=True, num_threads=1))
