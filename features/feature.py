"""What a feature is: one function on History with its facts beside it."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from book.errors import Refusal
from features.measures import Values
from features.units import Unit

Bounds = tuple[float, float]
UNBOUNDED: Bounds = (float("-inf"), float("inf"))
LEVEL: Bounds = (0.0, 10.0)
CHANGE: Bounds = (-1.0, 10.0)
DIFFERENCE: Bounds = (-10.0, 10.0)


class Direction(IntEnum):
    """Which way the value points: with HIGHER a higher value means a higher probability of default."""

    LOWER = -1
    EITHER = 0
    HIGHER = 1


HIGHER, LOWER, EITHER = Direction.HIGHER, Direction.LOWER, Direction.EITHER


@dataclass(frozen=True)
class Family:
    """Features that speak of one thing; reasons are summed by family. `label` by language."""

    code: str
    label: Mapping[str, str] = field(compare=False)


@dataclass(frozen=True)
class FeatureColumn:
    """One column of the feature matrix: a feature at one window. `span` is the window (0: none).

    `model_input` False keeps it out of models; `show_borrower` False keeps it out of reasons written to borrowers.
    """

    name: str
    family: Family
    unit: Unit
    worse: Direction
    label: Mapping[str, str] = field(compare=False)
    bounds: Bounds
    tables: tuple[str, ...]
    span: int
    model_input: bool
    show_borrower: bool
    compute: Callable[..., Values] = field(compare=False, repr=False)

    def source(self) -> str:
        """A text that changes when the definition does."""
        facts = (
            self.name,
            self.family.code,
            self.unit.code,
            int(self.worse),
            self.bounds,
            self.span,
            self.model_input,
        )
        return f"{facts}\n{inspect.getsource(self.compute)}"


class FeatureRefused(Refusal):
    """A feature is declared wrongly; the text says which, what was got and what is allowed."""


@dataclass(frozen=True)
class Feature:
    """A declared feature: a function on History and the columns it yields."""

    columns: tuple[FeatureColumn, ...]
    compute: Callable[..., Values]

    def __call__(self, *args: Any) -> Values:
        return self.compute(*args)


def feature(
    *,
    family: Family | None = None,
    unit: Unit | None = None,
    worse: Direction | None = None,
    zh: str = "",
    windows: tuple[int, ...] = (),
    instalments: tuple[int, ...] = (),
    bounds: Bounds = UNBOUNDED,
    tables: tuple[str, ...] = ("instalments", "payments"),
    model_input: bool = True,
    show_borrower: bool = True,
) -> Callable[[Callable[..., Values]], Feature]:
    """Declare a feature. The function's name is the column, its docstring the English label, `zh` the Chinese one.

    `windows` in months or `instalments` in latest instalments yield one column each, `name_3m` or `name_6n`; the
    function then takes the window as second argument, and labels may say `{months}` or `{k}`. Values are held to
    `bounds`. Raises FeatureRefused with everything that is missing: docstring, family, unit, direction, Chinese label.
    """

    def declare(compute: Callable[..., Values]) -> Feature:
        name = compute.__name__
        doc = (inspect.getdoc(compute) or "").split("\n")[0].rstrip(".")
        if not doc or not zh or family is None or unit is None or worse is None:
            raise FeatureRefused(_missing(name, doc, zh, family, unit, worse))
        if windows and instalments:
            raise FeatureRefused(f"feature {name}: got windows and instalments; allowed is one of the two")
        spans = [(k, "m") for k in windows] + [(k, "n") for k in instalments] or [(0, "")]
        columns = tuple(
            FeatureColumn(
                name=name + (f"_{k}{suffix}" if k else ""),
                family=family,
                unit=unit,
                worse=worse,
                label={"en": _singular(doc.format(months=k, k=k)), "zh": zh.format(months=k, k=k)},
                bounds=bounds,
                tables=tables,
                span=k,
                model_input=model_input,
                show_borrower=show_borrower,
                compute=compute,
            )
            for k, suffix in spans
        )
        return Feature(columns, compute)

    return declare


def _singular(label: str) -> str:
    """`last 1 months` reads `last month`, `latest 1 instalments` reads `latest instalment`."""
    return label.replace("last 1 months", "last month").replace("latest 1 instalments", "latest instalment")


def _missing(name: str, doc: str, zh: str, family: object, unit: object, worse: object) -> str:
    """A sentence for each fact that a declaration lacks."""
    facts = (
        (doc, "docstring; its first line is the English label"),
        (zh, "zh; it is the Chinese label"),
        (family, "family; allowed is a Family, such as features.families.names.DPD or one of your own"),
        (unit, "unit; allowed is a Unit, such as features.units.DAYS"),
        (worse is not None, "direction; allowed is worse=HIGHER, worse=LOWER or worse=EITHER"),
    )
    return "\n".join(f"feature {name}: got no {text}" for fact, text in facts if not fact)


def fingerprint(columns: tuple[FeatureColumn, ...]) -> str:
    """A hash of names, order, facts and formulas of the columns: 16 hex digits."""
    return hashlib.sha256("\n".join(c.source() for c in columns).encode()).hexdigest()[:16]
