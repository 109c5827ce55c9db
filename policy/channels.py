"""By which channels a suggested action reaches the borrower; `channels.toml` says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


def channels(action: str) -> tuple[str, ...]:
    """The channels of an action, the preferred one first; () where it reaches nobody."""
    return _declared().get(action, ())


@cache
def _declared() -> Mapping[str, tuple[str, ...]]:
    told = tomllib.loads(resources.files("policy").joinpath("channels.toml").read_text("utf-8"))
    return {action: tuple(names) for action, names in told["channels"].items()}
