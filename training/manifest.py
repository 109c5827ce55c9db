"""What a run depends on, enough to make the same bundle again, and the check that all of it is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from book.errors import Refusal
from monitoring.target import Target
from training.config import Config

MANIFEST = "manifest.json"
ROOMS = ("book", "features", "models", "monitoring", "training")  # code that a bundle depends on
_FREE = ("trials", "seconds")  # their result is in the booster's settings


@lru_cache(maxsize=1)
def code_hash() -> str:
    """SHA-256 over every Python file of `ROOMS`, by path."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def manifest(target: Target, config: Config, book: str, catalogue: str, bundle: str) -> dict[str, Any]:
    """A run as plain data: `config` as it ended, with the settings a search found; hashes of book and catalogue."""
    told = {one.name: getattr(config, one.name) for one in fields(Config)}
    told |= {name: Config.__dataclass_fields__[name].default for name in _FREE}
    return {
        "bundle": bundle,
        "book": book,
        "catalogue": catalogue,
        "code": code_hash(),
        "target": asdict(target) | {"events": list(target.events)},
        "config": told | {"booster": dict(config.booster)},
    }


def write_manifest(data: Mapping[str, Any], folder: Path) -> None:
    """Write it as `manifest.json`."""
    (folder / MANIFEST).write_text(json.dumps(dict(data), indent=1, allow_nan=False) + "\n", "utf-8")


def read_manifest(path: Path, book: str, catalogue: str) -> tuple[Target, Config, str]:
    """Target and configuration of a manifest, and the bundle they must give on this book, catalogue and code.

    Raises Refusal with everything that is not the same.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        target = Target(**data["target"] | {"events": tuple(data["target"]["events"])})
        window = data["config"]["set_aside"]
        config = replace(Config(), **data["config"] | {"set_aside": tuple(window) if window else None})
        stated, bundle = {name: str(data[name]) for name in ("book", "catalogue", "code")}, str(data["bundle"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal(f"{path}: no manifest as `loanwatch train` writes it: {error!r}") from error
    here = {"book": book, "catalogue": catalogue, "code": code_hash()}
    other = [f"{name} {stated[name][:12]}, here {here[name][:12]}" for name in here if stated[name] != here[name]]
    if other:
        raise Refusal(f"{path}: cannot be made again to the bit, the run was made with {'; '.join(other)}")
    return target, config, bundle


def same_bundle(expected: str | None, made: str) -> None:
    """Refusal where a run made again gave another bundle; None expects nothing."""
    if expected is not None and expected != made:
        raise Refusal(
            f"made bundle {made[:12]}, the manifest has {expected[:12]}: book, catalogue, code and settings are the "
            "same, so a library, the processor or the number of threads is not"
        )
