"""What a page says, in blocks without format: one content for the HTML page and for the sheet of paper.

All texts are finished: in one language, numbers with their units. Charts are SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

_SENTENCE = 28


@dataclass(frozen=True)
class Text:
    """Paragraphs. `plain` body text, `intro` and `note` quieter, `strong` to be seen first."""

    lines: tuple[str, ...]
    kind: Literal["plain", "intro", "note", "strong"] = "plain"
    type: str = "text"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]
    type: str = "bullets"


@dataclass(frozen=True)
class Sub:
    """A heading inside a section."""

    title: str
    type: str = "sub"


@dataclass(frozen=True)
class Tile:
    """One figure: what it is, its value, what it means. `chip` is a tier that colours a short code before the value."""

    name: str
    value: str
    note: str = ""
    chip: str = ""


@dataclass(frozen=True)
class Tiles:
    """Figures side by side."""

    items: tuple[Tile, ...]
    type: str = "tiles"


@dataclass(frozen=True)
class Facts:
    """Names and values; `code` where the values are ids."""

    items: tuple[tuple[str, str], ...]
    code: bool = False
    type: str = "facts"


@dataclass(frozen=True)
class Table:
    """Rows under a head. `numbers` are columns set to the right, `strong` rows that stand out.

    On a page it is folded away under `fold` where that is not empty; on paper it is always there. `name` is what a
    screen reader calls it where there is no `fold`.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    strong: frozenset[int] = frozenset()
    fold: str = ""
    note: str = ""
    name: str = ""
    type: str = "table"

    @property
    def wordy(self) -> bool:
        """Whether cells hold sentences: on a narrow screen such a table is shown row under row."""
        return any(len(cell) > _SENTENCE for row in self.rows for cell in row)


@dataclass(frozen=True)
class Chart:
    """A drawing, wide and narrow, and what its colours mean: (class of the style sheet, text)."""

    wide: Markup
    narrow: Markup
    key: tuple[tuple[str, str], ...] = ()
    type: str = "chart"


@dataclass(frozen=True)
class Reason:
    """One reason: the fact, its values, a bar and a factor, a doubt, the rows behind it or why there are none."""

    said: str
    values: str
    bar: Markup
    factor: str
    doubt: str = ""
    rows: Table | None = None
    none: str = ""


@dataclass(frozen=True)
class Reasons:
    """Reasons, strongest first."""

    items: tuple[Reason, ...]
    type: str = "reasons"


@dataclass(frozen=True)
class Terms:
    """Words and what they mean."""

    items: tuple[tuple[str, str], ...]
    type: str = "terms"


@dataclass(frozen=True)
class Pair:
    """Two columns where there is room."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]
    type: str = "pair"


Block = Text | Bullets | Sub | Tiles | Facts | Table | Chart | Reasons | Terms | Pair


@dataclass(frozen=True)
class Section:
    """A part of a page. `key` names it in any language; `tier` colours the headline."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    tier: str = ""


def section(key: str, title: str, blocks: Iterable[Block | None]) -> Section:
    """A section of the blocks that are there."""
    return Section(key, title, tuple(one for one in blocks if one is not None))


def texts_of(blocks: Sequence[Block]) -> list[str]:
    """Every text of the blocks but those drawn in charts, in order."""
    said: list[str] = []
    for one in blocks:
        match one:
            case Text():
                said += one.lines
            case Bullets():
                said += one.items
            case Sub():
                said.append(one.title)
            case Tiles():
                said += [text for tile in one.items for text in (tile.name, tile.chip, tile.value, tile.note)]
            case Facts() | Terms():
                said += [text for pair in one.items for text in pair]
            case Table():
                said += [*one.head, *(cell for row in one.rows for cell in row), one.note]
            case Chart():
                said += [text for _, text in one.key]
            case Reasons():
                for reason in one.items:
                    said += [reason.said, reason.values, reason.factor, reason.doubt, reason.none]
                    said += texts_of([reason.rows]) if reason.rows else []
            case Pair():
                said += texts_of(one.left) + texts_of(one.right)
    return [text for text in said if text]
