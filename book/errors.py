"""What is wrong with an input: one fault per place, and the exceptions that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from book.check.report import CheckReport

_SHOWN = 20


class Refusal(ValueError):
    """An input or a setting is refused; the message says what, where, got, allowed and nearest."""


@dataclass(frozen=True)
class Fault:
    """One fault of an input.

    `what` is the sentence, `code` its stable short name. `row` counts data rows of the table's source from 1;
    None where the fault is about the whole column or table. `path` is set for requests only
    ("tables.payments[3].amount", rows from 0), `part` where a book has more than one part. `got`, `allowed` and
    `nearest` are "" where they do not apply.
    """

    code: str
    what: str
    table: str = ""
    row: int | None = None
    column: str = ""
    got: str = ""
    allowed: str = ""
    nearest: str = ""
    path: str = ""
    part: str = ""

    @property
    def where(self) -> str:
        """The path in a request, else table, row and column."""
        if self.path:
            return self.path
        table = f"{self.part}/{self.table}" if self.part and self.table else self.part or self.table
        place = table if self.row is None else f"{table} row {self.row}"
        return f"{place}, {self.column}" if self.column and place else place or self.column

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        for label in ("got", "allowed", "nearest"):
            value = getattr(self, label)
            if value:
                text += f"; {label}: {value}"
        return text


class Refused(Refusal):
    """A book is refused; `report` holds every fault found."""

    def __init__(self, report: CheckReport) -> None:
        super().__init__(report.text())
        self.report = report

    def __reduce__(self) -> tuple[type[Refused], tuple[CheckReport]]:
        return type(self), (self.report,)


class RequestRefused(Refusal):
    """A request is refused; `faults` holds every fault, each with its path."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(listed(faults))
        self.faults = tuple(faults)


def listed(faults: Sequence[Fault], shown: int = _SHOWN) -> str:
    """The first `shown` faults, one a line, and how many more there are."""
    lines = [str(fault) for fault in faults[:shown]]
    if len(faults) > shown:
        lines.append(f"and {len(faults) - shown:,} more")
    return "\n".join(lines)


def nearest(word: str, allowed: Sequence[str]) -> str:
    """The allowed word most like `word`, "" where none is close."""
    close = get_close_matches(word.strip().lower()[:100], allowed, n=1, cutoff=0.6)
    return close[0] if close else ""
