"""A run as plain data: what it was told, saw and reached. Kept as `metrics.json` with the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from monitoring.target import Target
from training.config import Config
from training.data import Panel
from training.fit import Fitted
from training.judge import judge, label_rates, label_states, slices
from training.split import Split


def run_report(
    panel: Panel,
    pd: NDArray[np.float64],
    split: Split,
    fitted: Fitted,
    target: Target,
    certificate: Mapping[str, Any],
    baselines: Mapping[str, NDArray[np.float64]],
) -> dict[str, Any]:
    """The run; `pd` (n,) and those of the `baselines` belong to the rows of `panel`.

    Importance is the share of total gain, of a points card the share of all spread of points.
    """
    total = float(fitted.importance.sum()) or 1.0
    gains = sorted(zip((fitted.importance / total).tolist(), panel.catalogue.names, strict=True), reverse=True)
    return {
        "target": asdict(target) | {"name": target.name},
        "dates": dict(split.dates),
        "slices": slices(panel.rows),
        "label_states": label_states(panel.rows),
        "label_rates": label_rates(panel.rows),
        "not_yet_mature": panel.not_yet_mature,
        "excluded": dict(panel.excluded),
        "metrics": judge(panel.rows, pd),
        "baselines": {name: judge(panel.rows, one) for name, one in baselines.items()},
        "certificate": dict(certificate),
        "model": fitted.kind,
        "trees": fitted.trees,
        "stopped_by": fitted.stopped_by,
        "importance": {name: gain for gain, name in gains},
    }


def parameters(config: Config, target: Target, book_hash: str, catalogue: Catalogue) -> dict[str, Any]:
    """Everything a run depends on: the same values on the same code give the same bundle."""
    told = {one.name: getattr(config, one.name) for one in fields(config) if one.name != "booster"}
    return told | dict(config.booster) | asdict(target) | {"book_hash": book_hash, "catalogue": catalogue.fingerprint}
