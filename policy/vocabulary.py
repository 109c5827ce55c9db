"""The facts that conditions of policy files may ask: the columns of the catalogue, and those of `facts.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from features import units
from features.catalogue import CATALOGUE
from features.units import Unit

AMOUNT = Unit("amount", {"en": "amount", "zh": "金额"}, lambda v, lang: f"{v:,.0f}" + ("" if lang == "en" else "元"))
_UNITS = {unit.code: unit for unit in (AMOUNT, *(one for one in vars(units).values() if isinstance(one, Unit)))}
_DECLARED = tomllib.loads((Path(__file__).parent / "facts.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Fact:
    """A fact of policy: its unit, what it says in English and Chinese, and the tables it is read from."""

    name: str
    unit: Unit
    label: Mapping[str, str]
    tables: tuple[str, ...]


def _of(*groups: str) -> dict[str, Fact]:
    found = {}
    for group in groups:
        for name, said in _DECLARED[group].items():
            label = MappingProxyType({"en": said["en"], "zh": said["zh"]})
            found[name] = Fact(name, _UNITS[said["unit"]], label, tuple(said["tables"].split()))
    return found


def _catalogue() -> dict[str, Fact]:
    return {c.name: Fact(c.name, c.unit, MappingProxyType(dict(c.label)), c.tables) for c in CATALOGUE.everything}


EXTRAS: Mapping[str, Fact] = MappingProxyType(_of("loan", "arrears", "care", "changes", "borrower"))
"""Computed from the dossier beside the features."""
DERIVED: Mapping[str, Fact] = MappingProxyType(_of("derived"))
"""Made while deciding."""
FACTS: Mapping[str, Fact] = MappingProxyType({**_catalogue(), **EXTRAS, **DERIVED})
FIGURES: Mapping[str, Fact] = MappingProxyType(_of("figures"))
"""Of the book, the model and the process; computed by monitoring."""
COHORT: Mapping[str, Fact] = MappingProxyType(_of("cohort"))
