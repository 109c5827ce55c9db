"""A finished training run: the bundle, what it was told, what it saw and reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.context import Context
from models.bundle import Bundle
from training.data import Rows
from training.split import Split


@dataclass(frozen=True)
class TrainResult:
    """A finished run.

    `bundle` is what serves; `parameters` what the run depends on; `report` plain data (`training.report`);
    `rows` and `pd` (n,) all observations of the run with their PD, for notebooks; `baselines` the PDs (n,) of the
    models it must beat; `products` what the product codes of `rows` mean; `manifest` what makes the same bundle again;
    `context` the cohort figures of the book. After `release`: `folder`
    of the exported bundle, `run_id` and `registered` (model, version and address) in MLflow.
    """

    bundle: Bundle
    parameters: Mapping[str, Any]
    report: Mapping[str, Any]
    rows: Rows
    pd: NDArray[np.float64]
    baselines: Mapping[str, NDArray[np.float64]]
    split: Split
    products: tuple[str, ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)
    context: Context | None = None
    folder: Path | None = None
    run_id: str = ""
    registered: str = ""
