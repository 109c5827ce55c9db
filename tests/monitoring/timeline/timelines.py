"""Timelines of made-up books, shifted or not."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from monitoring.csi import reference
from monitoring.timeline.counts import BUCKETS, Baseline, Counts
from monitoring.timeline.figures import Asked, Timeline, timeline

NAMES = ("income", "age")
DAYS = [(date(2024, month, 28) - date(1970, 1, 1)).days for month in (1, 2, 3)]
GRADES = ("G1", "G2")


def draw(n: int, seed: int, shift: float = 0.0, gone: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 2)).astype(np.float32)
    x[:, 0] += np.float32(shift)
    x[random.random(n) < gone, 1] = np.nan
    return x


def _pd(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).beta(1.0, 20.0, n)


def baseline(n: int = 4000) -> Baseline:
    who, x = np.arange(n), np.column_stack([_pd(n, 1).astype(np.float32), draw(n, 2)])
    whole = reference(x, ("pd", *NAMES), who)
    return Baseline(dict.fromkeys(BUCKETS, whole))


def state(n: int = 3000, shift: float = 0.0, gone: float = 0.0, low: float = 1.0, mature: bool = True) -> Timeline:
    """Three months of `n` borrowers; `low`: how many times as many default as the PDs say."""
    known_then = baseline()
    counts, frames = Counts.none(known_then, DAYS, NAMES), []
    for k, day in enumerate(DAYS):
        random = np.random.default_rng(50 + k)
        pd, late, last = _pd(n, 10 + k), random.random(n) < 0.05, day == DAYS[-1]
        x = draw(n, 20 + k, shift * last, gone * last)
        counts.add(known_then, x, np.full(n, day), late)
        known = mature and not last
        frames.append(
            pl.DataFrame(
                {
                    "loan_id": [f"L{i}" for i in range(n)],
                    "borrower_id": [f"B{i}" for i in range(n)],
                    "as_of": np.full(n, day).astype("datetime64[D]"),
                    "dpd": np.where(late, 5.0, 0.0),
                    "pd": pd,
                    "grade": (pd > 0.05).astype(np.int16),
                    "challenger_pd": np.full(n, np.nan),
                    "challenger_grade": np.full(n, -1, np.int16),
                    "y": (random.random(n) < low * pd).astype(float) if known else np.full(n, np.nan),
                    "roll": (random.random(n) < pd).astype(float) if not last else np.full(n, np.nan),
                    "cashflow_age": np.full(n, 3.0),
                    "bureau_age": np.full(n, 20.0),
                    "mismatch": np.zeros(n),
                }
            )
        )
    asked = Asked("b" * 64, "default_12m", 12, GRADES, ("income",), 0.6)
    return timeline(pl.concat(frames), counts, known_then, asked)
