"""Texts of the validation report, beside those that all pages share."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from reports.formats import Lang
from reports.wording import Wording, texts


@cache
def model_texts(lang: Lang) -> Mapping[str, str]:
    """Every text of `reports/model/<lang>.toml` by dotted key."""
    raw = resources.files("reports.model").joinpath(f"{lang}.toml").read_text("utf-8")
    return dict(_flat(tomllib.loads(raw), ""))


def model_wording(lang: Lang) -> Wording:
    """The wording of the report in one language; it holds no money and no moments."""
    return Wording(lang, {**texts(lang), **model_texts(lang)}, "", "UTC")


def _flat(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)
