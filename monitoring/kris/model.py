"""P03: drift of the score from what a night knows, and what the last `loanwatch monitor` found."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitoring.psi import drift
from monitoring.timeline.counts import ALL, Baseline

VERDICT = "verdict.json"
OLDEST = 45
"""Days after which the figures of a monitoring run say nothing of today."""


def score_figures(pd: NDArray[np.floating], borrowers: int, baseline: Baseline) -> dict[str, float]:
    """score_psi and score_psi_critical of the PDs (n,) of one day, from so many distinct borrowers.

    NaN are loans without a PD and are left out. `baseline` is what the model was judged on (`reference.json`).
    """
    seen = np.asarray(pd, np.float32)
    seen = seen[~np.isnan(seen)]
    then = baseline.by_bucket[ALL]
    before = np.array(then.counts[baseline.score])
    if not len(seen) or before.sum() <= 0:
        return {}
    moved = drift(before, then.bins[baseline.score].counts(seen), then.borrowers, borrowers)
    return {"score_psi": moved.psi, "score_psi_critical": moved.critical}


def monitored(folder: Path, on: date, oldest: int = OLDEST) -> dict[str, float]:
    """The figures of P02 and P03 in the folder of `loanwatch monitor`; {} without one, of a later day or too old."""
    path = folder / VERDICT
    if not path.is_file():
        return {}
    told = json.loads(path.read_text("utf-8"))
    age = (on - date.fromisoformat(told["as_of"])).days
    return {name: float(value) for name, value in told["figures"].items()} if 0 <= age <= oldest else {}
