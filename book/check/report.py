"""What a check found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from book.check.codes import CODES, Effect
from book.errors import Fault, listed

_K = TypeVar("_K")


@dataclass(frozen=True)
class CheckReport:
    """All that was found in a book or a part of it.

    `faults` refuse or quarantine, `warnings` do neither; at most `findings.LISTED` are kept per table, column
    and code, `counts` has all of them by (table, code). `rows` read, `quarantined`, `dropped` (repeated rows)
    and `assumed` (posted_at not given) are numbers of rows by table.
    """

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    assumed: Mapping[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether the batch must be refused."""
        return any(CODES[code].effect is Effect.REFUSE for _, code in self.counts)

    @property
    def ok(self) -> bool:
        """Whether nothing is refused and nothing quarantined."""
        return not self.refused and not any(self.quarantined.values())

    def text(self) -> str:
        """The verdict in a line, then the faults; those that refuse come first."""
        refusing = [fault for fault in self.faults if CODES[fault.code].effect is Effect.REFUSE]
        if not self.refused:
            return "\n".join([f"accepted, {sum(self.quarantined.values()):,} rows quarantined", *map(str, self.faults)])
        total = sum(n for (_, code), n in self.counts.items() if CODES[code].effect is Effect.REFUSE)
        return f"the book is refused: {total:,} faults\n{listed(refusing)}"


def merged(reports: Sequence[CheckReport]) -> CheckReport:
    """One report of several parts: those that refuse first, numbers added up."""
    faults = [fault for report in reports for fault in report.faults]
    return CheckReport(
        faults=tuple(sorted(faults, key=lambda fault: CODES[fault.code].effect is not Effect.REFUSE)),
        warnings=tuple(fault for report in reports for fault in report.warnings),
        counts=_added([report.counts for report in reports]),
        rows=_added([report.rows for report in reports]),
        quarantined=_added([report.quarantined for report in reports]),
        dropped=_added([report.dropped for report in reports]),
        assumed=_added([report.assumed for report in reports]),
    )


def _added(numbers: Sequence[Mapping[_K, int]]) -> dict[_K, int]:
    total: Counter[_K] = Counter()
    for each in numbers:
        total.update(each)
    return dict(total)
