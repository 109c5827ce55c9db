"""Handing a bundle to serving: a folder of its own and a pointer that changes in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from features.catalogue import CATALOGUE
from models.bundle import Bundle, FeatureSet
from models.opening import load_bundle

BUNDLES = "bundles"
POINTER = "champion"


def export(bundle: Bundle, models_dir: Path, catalogue: FeatureSet = CATALOGUE) -> Path:
    """Write the bundle to `models_dir/bundles/<id>` and open it; BundleRefused where it fails its own scores.

    The folder appears complete or not at all; one that is there already is left.
    """
    target = models_dir / BUNDLES / bundle.id
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as made:
            draft = Path(made) / bundle.id
            bundle.save(draft)
            load_bundle(draft, catalogue)
            draft.rename(target)
    load_bundle(target, catalogue)
    return target


def point(bundle_id: str, models_dir: Path) -> Path:
    """Make an exported bundle the champion, atomically; FileNotFoundError where there is no such bundle."""
    if not (models_dir / BUNDLES / bundle_id).is_dir():
        raise FileNotFoundError(f"{models_dir / BUNDLES} has no bundle {bundle_id}")
    pointer = models_dir / POINTER
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=models_dir, prefix=".champion-", delete=False) as draft:
        draft.write(bundle_id + "\n")
        draft.flush()
        os.fsync(draft.fileno())
    os.chmod(draft.name, 0o644)
    os.replace(draft.name, pointer)
    return pointer
