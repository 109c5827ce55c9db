"""One figure of the pack: a chart, its key, the table behind it, and the files that hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

Cell = str | Markup


@dataclass(frozen=True)
class Shade:
    """A table cell with a background from 0 (none) to 9 (most)."""

    text: str
    depth: int


@dataclass(frozen=True)
class Figure:
    """`name` is the key of its title and definition; `head` are the columns, the first `words` of them are text.

    `open` says whether the table is in sight or folded away behind the chart; `csv` is the file with all its numbers,
    `rows` the file with the loans behind it ("" for none).
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell | Shade]]
    words: int = 1
    charts: Sequence[Markup] = field(default_factory=tuple)
    key: Sequence[str] = field(default_factory=tuple)
    csv: str = ""
    loans: str = ""
    open: bool = False
