"""`docs/features.md`: every feature with its meaning, formula, unit, window, direction and bounds."""

from __future__ import annotations

import ast
import inspect
import math
import re
import textwrap
from collections.abc import Callable, Iterable
from itertools import groupby

from features.catalogue import Catalogue
from features.feature import Bounds, Direction, FeatureColumn

_KINDS = {"m": "month", "n": "instalment", "d": "day"}
_SPAN = re.compile(r"_(?P<first>\d+)(?:v(?P<other>\d+)|(?P<kind>[mnd]))(?=_|$)")
_WORSE = {Direction.HIGHER: "higher", Direction.LOWER: "lower", Direction.EITHER: "either"}


_INTRO = """# Features

{columns} columns, of which a model sees {inputs}. All are computed as of a day, from what was known then; a value is
missing where too little was observed. How each word is meant: [definitions](definitions.md).

*Window* is how far back it looks: months before the day, the latest instalments due, or days from payout; where it is
empty the formula says it. *Worse* is the direction in which risk rises; models are held to it. *Bounds* are what values
are held to. Columns marked *not in models* are for people and checks.

Under each table stand the formulas as they are computed: `h` is what was known of the loans on their days
(`features/history.py`); `h.dpd_peak.last(3).max()` is the largest of three months. One formula serves all windows. What
is not observed is NaN."""


def features_page(catalogue: Catalogue) -> str:
    """The page; one section per family, in the order of the catalogue."""
    parts = [_INTRO.format(columns=len(catalogue.everything), inputs=len(catalogue.columns))]
    for family, group in groupby(catalogue.everything, key=lambda column: column.family):
        columns = tuple(group)
        parts += ["", f"## {family.code}: {family.label['en']}, {family.label['zh']}", ""]
        parts += ["| name | meaning | 含义 | window | unit | worse | bounds | tables |", "|--|--|--|--|--|--|--|--|"]
        parts += [_row(column) for column in columns]
        parts += ["", "```python", "\n\n\n".join(_formulas(columns)), "```"]
    return "\n".join(parts)


def _formulas(columns: Iterable[FeatureColumn]) -> list[str]:
    """The formula of every function behind `columns`, once each, in their order."""
    return [formula(compute) for compute in dict.fromkeys(column.compute for column in columns)]


def formula(compute: Callable[..., object]) -> str:
    """A feature's function as it is computed: its name, its arguments and its body, without label and types."""
    source = textwrap.dedent(inspect.getsource(compute))
    told = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    arguments = ", ".join(one.arg for one in told.args.args)
    first = told.body[0]
    labelled = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = first.end_lineno or first.lineno if labelled else first.lineno - 1
    body = textwrap.dedent("\n".join(source.splitlines()[start : told.end_lineno])).strip("\n")
    return f"def {told.name}({arguments}):\n{textwrap.indent(body, '    ')}"


def _row(column: FeatureColumn) -> str:
    name = f"`{column.name}`" + ("" if column.model_input else " (not in models)")
    cells = (
        name,
        column.label["en"],
        column.label["zh"],
        _window(column),
        column.unit.label["en"],
        _WORSE[column.worse],
        _range(column.bounds),
        ", ".join(column.tables),
    )
    return f"| {' | '.join(cells)} |"


def _window(column: FeatureColumn) -> str:
    """How far back a column looks by its name: `_3m` months, `_6n` instalments, `_90d` days, `_3v12` two spans."""
    found = _SPAN.search(column.name)
    if not found:
        return ""
    first, other, kind = found.group("first"), found.group("other"), found.group("kind")
    if other:
        return f"{first} and {other} months"
    return f"{first} {_KINDS[kind]}{'s' if int(first) > 1 else ''}"


def _range(bounds: Bounds) -> str:
    low, high = bounds
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(high):
        return f">= {low:g}"
    return f"<= {high:g}" if math.isinf(low) else f"[{low:g}, {high:g}]"
