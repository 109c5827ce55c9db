"""Opening a bundle folder: nothing is served that does not reproduce its own scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.catalogue import CATALOGUE
from models.bundle import FACTS_FILE, FORMAT, MODEL_FILE, Bundle, BundleRefused, FeatureSet, read_facts
from models.predict import Model

AGREE = 1e-9  # log-odds: room for another processor's rounding, none for another model


def load_bundle(folder: Path, catalogue: FeatureSet = CATALOGUE) -> Bundle:
    """The bundle in `folder`, checked: its id, features against `catalogue`, golden rows re-scored.

    Raises BundleRefused with every fault found.
    """
    data, model_text = _read(folder)
    try:
        bundle = read_facts(data, model_text)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleRefused(f"bundle {folder}: {FACTS_FILE} is not as written by this version: {error!r}") from error
    faults = _identity_faults(bundle, str(data.get("id")), catalogue)
    faults = faults or _golden_faults(bundle)
    if faults:
        raise BundleRefused(f"bundle {folder} is refused:\n" + "\n".join(f"- {fault}" for fault in faults))
    return bundle


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    missing = [name for name in (FACTS_FILE, MODEL_FILE) if not (folder / name).is_file()]
    if missing:
        raise BundleRefused(f"bundle {folder}: no {' and no '.join(missing)} there")
    try:
        data = json.loads((folder / FACTS_FILE).read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise BundleRefused(f"bundle {folder}: {FACTS_FILE} is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        got = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise BundleRefused(f"bundle {folder}: {FACTS_FILE} has format {got!r}, this version reads {FORMAT}")
    return data, (folder / MODEL_FILE).read_text("utf-8")


def _identity_faults(bundle: Bundle, stated: str, catalogue: FeatureSet) -> list[str]:
    faults = []
    if stated != bundle.id:
        faults.append(f"its files were changed: stated id {stated[:12]}, contents give {bundle.id[:12]}")
    if dict(bundle.own) != dict(catalogue.own):
        faults.append(
            f"own features: trained with {_files(bundle.own)}, got {_files(catalogue.own)}; "
            "allowed is the same files, given by --with"
        )
    elif bundle.fingerprint != catalogue.fingerprint:
        gone = sorted(set(bundle.features) - set(catalogue.names))
        new = sorted(set(catalogue.names) - set(bundle.features))
        detail = f"only in the bundle: {', '.join(gone) or 'none'}; only here: {', '.join(new) or 'none'}"
        detail = detail if gone or new else "the same names, but a formula or a fact of a feature changed: train again"
        faults.append(
            f"features: trained on catalogue {bundle.fingerprint[:12]}, this is {catalogue.fingerprint[:12]} ({detail})"
        )
    return faults


def _files(own: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({sha[:12]})" for name, sha in sorted(own.items())) or "none"


def _golden_faults(bundle: Bundle) -> list[str]:
    model = Model(bundle)
    raw = model.raw(bundle.golden.x)
    pd = model.calibrate(raw)
    faults = []
    for name, got, expected in (("log-odds", raw, bundle.golden.raw), ("PD", pd, bundle.golden.pd)):
        if got.shape != expected.shape:
            faults.append(f"golden rows: {len(expected)} expected {name} for {len(got)} rows")
            continue
        wrong = np.flatnonzero(~(np.abs(got - expected) <= AGREE))
        faults += [f"golden row {row}: {name} is {got[row]!r}, must be {expected[row]!r}" for row in wrong[:5]]
    return faults
