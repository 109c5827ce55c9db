"""One figure of the pack: a chart, its key, the table behind it, and the files that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from reports.wording import Wording

Cell = str | Markup


@dataclass(frozen=True)
class Shade:
    """A table cell with a background from 0 (none) to 9 (most)."""

    text: str
    depth: int


@dataclass(frozen=True)
class Figure:
    """`name` is the key of title and definition; `head` are the columns, the first `words` and last `tail` are text.

    `open` says whether the table is in sight or folded away behind the chart; `csv` is the file with all its numbers,
    `loans` the file with the rows behind it ("" for none). `note` says what holds for this month alone,
    `remarks` what is to be said below the table; `wraps`: the first column may break.
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
    tail: int = 0
    note: str = ""
    remarks: Sequence[str] = ()
    wraps: bool = False


def money_head(w: Wording, key: str) -> str:
    """The head of a column of amounts, with their currency."""
    return w("book.in_currency", what=w(key), currency=w.currency_name)


def listed(w: Wording, names: Iterable[str]) -> str:
    """Names one after another."""
    return ("、" if w.lang == "zh" else ", ").join(names)


def short_amount(w: Wording, value: float) -> str:
    """An amount in major units, short, with its currency on the side where the language has it."""
    amount, currency = w.short_money(100 * value), w.currency_name
    if w.lang == "zh":
        return f"{amount}{' ' if currency.isascii() else ''}{currency}"
    return f"{currency} {amount}"
