"""Under which name each thing is kept, and the plain form of settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

import msgspec

from book.settings import Settings
from serving.journal.chain import canonical, digest

FACTS, MODEL = "bundle.json", "model.txt"


def of_bundle(id_: str, file: str) -> str:
    """One of the two files of a bundle."""
    return f"bundles/{id_}/{file}"


def of_pack(hash_: str) -> str:
    """The list of the files of a pack: their hashes, sorted."""
    return f"packs/{hash_}.json"


def of_part(hash_: str) -> str:
    """A file of a pack."""
    return f"packs/{hash_}.toml"


def of_context(hash_: str) -> str:
    """The figures of cohorts."""
    return f"contexts/{hash_}.json"


def of_settings(hash_: str) -> str:
    """Settings of a book."""
    return f"settings/{hash_}.json"


def of_own(hash_: str) -> str:
    """A file with features of the lender's own."""
    return f"features/{hash_}.py"


def settings_text(settings: Settings) -> bytes:
    """Settings as canonical JSON; its SHA-256 names them."""
    return canonical(asdict(replace(settings, posting_lag_days=dict(settings.posting_lag_days))))


def settings_hash(settings: Settings) -> str:
    """The hash of settings."""
    return digest(settings_text(settings))


def read_settings(content: bytes) -> Settings:
    """Settings again. Raises ValueError or TypeError where they are of another form."""
    found: dict[str, Any] = msgspec.json.decode(content)
    for name, value in found.items():
        if isinstance(value, list):
            found[name] = tuple(value)
        elif isinstance(value, Mapping):
            found[name] = MappingProxyType(dict(value))
    return Settings(**found)
