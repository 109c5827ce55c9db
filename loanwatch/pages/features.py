"""`docs/features.md`: every feature with its meaning, unit, direction and bounds."""

from __future__ import annotations

import math
from itertools import groupby

from features.catalogue import Catalogue
from features.feature import Bounds, Direction, FeatureColumn

_WORSE = {Direction.HIGHER: "higher", Direction.LOWER: "lower", Direction.EITHER: "either"}


def features_page(catalogue: Catalogue) -> str:
    """The page; one section per family, in the order of the catalogue."""
    inputs = len(catalogue.columns)
    parts = [
        "# Features",
        "",
        f"{len(catalogue.everything)} columns, of which a model sees {inputs}. All are computed as of a day,",
        "from what was known then; a value is missing where too little was observed. How each word is meant:",
        "[definitions](definitions.md). The formula stands beside these facts in `features/families/`.",
        "",
        "*Worse* is the direction in which risk rises; models are held to it. Columns marked *not in models*",
        "are for people and checks.",
    ]
    for family, columns in groupby(catalogue.everything, key=lambda column: column.family):
        parts += ["", f"## {family.code}: {family.label['en']}, {family.label['zh']}", ""]
        parts += ["| name | meaning | 含义 | unit | worse | bounds | tables |", "|--|--|--|--|--|--|--|"]
        parts += [_row(column) for column in columns]
    return "\n".join(parts)


def _row(column: FeatureColumn) -> str:
    name = f"`{column.name}`" + ("" if column.model_input else " (not in models)")
    cells = (
        name,
        column.label["en"],
        column.label["zh"],
        column.unit.label["en"],
        _WORSE[column.worse],
        _range(column.bounds),
        ", ".join(column.tables),
    )
    return f"| {' | '.join(cells)} |"


def _range(bounds: Bounds) -> str:
    low, high = bounds
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(high):
        return f">= {low:g}"
    return f"<= {high:g}" if math.isinf(low) else f"[{low:g}, {high:g}]"
