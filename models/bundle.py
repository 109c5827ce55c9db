"""A trained model as plain files: `model.txt` (trees or a points card) and `bundle.json` (all that goes with it)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from book.errors import Refusal
from models.calibration import Calibration
from models.reference import Medians, Usual

FORMAT = 1
MODEL_FILE = "model.txt"
FACTS_FILE = "bundle.json"
KINDS = ("booster", "scorecard")


class BundleRefused(Refusal):
    """The bundle may not be served; the message names the folder and every fault."""


class FeatureSet(Protocol):
    """What a bundle checks of a catalogue: the ordered names, their fingerprint, and the lender's own files."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def own(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Golden:
    """Rows with the scores they must get: `x` (m, k) float32, `raw` log-odds (m,), `pd` (m,)."""

    x: NDArray[np.float32]
    raw: NDArray[np.float64]
    pd: NDArray[np.float64]


@dataclass(frozen=True)
class Bundle:
    """A model with everything needed to score, explain and judge it.

    `features` are the ordered input columns and `fingerprint` that of the catalogue they come from;
    `expected` is the mean raw log-odds of training, the base of all contributions; `dates` the data windows
    (ISO); `versions` of the libraries used; `metrics` the figures of the out-of-time slice; `certificate` the
    monotone sweep; `settings` those of the book it was trained on; `own` the name and sha256 of every file with
    features of the lender's own; `kind` is one of `KINDS`; `products` the medians of the features by product, for
    those with rows enough. `id` is the sha256 of all of it.
    """

    target: str
    horizon: int
    features: tuple[str, ...]
    fingerprint: str
    model_text: str
    calibration: Calibration
    reference: tuple[Usual, ...]
    expected: float
    golden: Golden
    dates: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    certificate: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    kind: str = "booster"
    products: Mapping[str, Medians] = field(default_factory=dict)
    id: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind of model is {self.kind!r}; allowed: {', '.join(KINDS)}")
        object.__setattr__(self, "id", content_id(self.model_text, facts(self)))

    def save(self, folder: Path) -> None:
        """Write the two files into `folder`, made if absent."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files(self).items():
            (folder / name).write_bytes(content)


def facts(bundle: Bundle) -> dict[str, Any]:
    """The contents of `bundle.json` but the id."""
    golden = bundle.golden
    return {
        "format": FORMAT,
        "kind": bundle.kind,
        "target": bundle.target,
        "horizon": bundle.horizon,
        "fingerprint": bundle.fingerprint,
        "features": list(bundle.features),
        "calibration": bundle.calibration.data(),
        "expected": bundle.expected,
        "dates": dict(bundle.dates),
        "versions": dict(bundle.versions),
        "metrics": dict(bundle.metrics),
        "certificate": dict(bundle.certificate),
        "settings": dict(bundle.settings),
        "own": dict(bundle.own),
        "reference": {name: asdict(one) for name, one in zip(bundle.features, bundle.reference, strict=True)},
        "products": {name: list(medians) for name, medians in bundle.products.items()},
        "golden": {
            "x": [[None if np.isnan(value) else float(value) for value in row] for row in golden.x],
            "raw": golden.raw.tolist(),
            "pd": golden.pd.tolist(),
        },
    }


def files(bundle: Bundle) -> dict[str, bytes]:
    """The two files of a bundle by name."""
    text = json.dumps({"id": bundle.id, **facts(bundle)}, indent=1, ensure_ascii=False, allow_nan=False)
    return {MODEL_FILE: bundle.model_text.encode("utf-8"), FACTS_FILE: (text + "\n").encode("utf-8")}


def read_facts(data: Mapping[str, Any], model_text: str) -> Bundle:
    """The bundle of the two files' contents; KeyError or ValueError where they are not as `facts` writes."""
    features = tuple(data["features"])
    golden = data["golden"]
    x = np.array([[np.nan if value is None else value for value in row] for row in golden["x"]], np.float32)
    return Bundle(
        target=data["target"],
        horizon=data["horizon"],
        features=features,
        fingerprint=data["fingerprint"],
        model_text=model_text,
        calibration=Calibration.read(data["calibration"]),
        reference=tuple(Usual.read(data["reference"][name]) for name in features),
        expected=data["expected"],
        golden=Golden(x.reshape(-1, len(features)), np.array(golden["raw"], float), np.array(golden["pd"], float)),
        dates=data["dates"],
        versions=data["versions"],
        metrics=data["metrics"],
        certificate=data["certificate"],
        settings=data["settings"],
        own=data["own"],
        kind=data["kind"],
        products={name: tuple(medians) for name, medians in data["products"].items()},
    )


def content_id(model_text: str, data: Mapping[str, Any]) -> str:
    """The id of a bundle: SHA-256 of the text of its trees and of `facts`."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    digest = hashlib.sha256(model_text.encode("utf-8"))
    digest.update(b"\0" + canonical.encode("utf-8"))
    return digest.hexdigest()
