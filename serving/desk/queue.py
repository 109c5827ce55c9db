"""The work queue: the ranked loans that pass the filters, a page of them, and where the capacity ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.parts.rules import OWNERS, SEVERITIES
from serving.desk.rows import Loans
from serving.desk.shelf import Snapshot

STATE_D = "D"


@dataclass(frozen=True)
class Wanted:
    """What the reader asks to see; "" is everything."""

    tier: str = ""
    severity: str = ""
    product: str = ""
    owner: str = ""

    @property
    def all(self) -> bool:
        """Whether nothing is filtered out."""
        return not (self.tier or self.severity or self.product or self.owner)


@dataclass(frozen=True)
class Line:
    """One loan of the queue. Money is minor units; `rank` 0 where it has none; `severity` "" where no alert is open."""

    rank: int
    loan_id: str
    borrower_id: str
    product: str
    tier: str
    grade: str
    status: str
    five_class: str
    action: str
    pd: float | None
    exposure: int | None
    at_risk: float | None
    dpd: int | None
    as_of: int
    severity: str
    owner: str
    alerts: int


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue: its lines, how many pass the filters, and how much of what is at risk is in reach.

    `reach` is the share of PD times exposure among the first `capacity` loans, None where there is nothing at risk.
    """

    lines: tuple[Line, ...]
    found: int
    page: int
    pages: int
    ranked: int
    reach: float | None


def queue_page(snapshot: Snapshot, wanted: Wanted, capacity: int, page: int, size: int) -> QueuePage:
    """Page `page` (from 1; past the end: the last) of the loans that pass, ranked over the whole book."""
    rows = wanted_rows(snapshot, wanted)
    pages = max(-(-len(rows) // size), 1)
    page = min(max(page, 1), pages)
    some = rows[(page - 1) * size : page * size]
    lines = tuple(line_of(snapshot, row) for row in some.tolist())
    return QueuePage(lines, len(rows), page, pages, len(snapshot.loans.order), _reach(snapshot.loans, capacity))


def wanted_rows(snapshot: Snapshot, wanted: Wanted) -> NDArray[np.int64]:
    """The rows that pass, in the order of the queue; those in state D have no PD and stand by what is outstanding."""
    loans, worst = snapshot.loans, snapshot.worst
    rows = _in_default(loans) if wanted.tier == STATE_D else loans.order
    passing = np.ones(len(loans), np.bool_)
    if wanted.tier:
        passing &= loans.words["tier"].are(wanted.tier)
    if wanted.product:
        passing &= loans.words["product"].are(wanted.product)
    if wanted.severity:
        passing &= worst.severity == (SEVERITIES.index(wanted.severity) if wanted.severity in SEVERITIES else -2)
    if wanted.owner:
        passing &= worst.owner.are(wanted.owner)
    found: NDArray[np.int64] = rows[passing[rows]]
    return found


def line_of(snapshot: Snapshot, row: int) -> Line:
    """A row as it is shown."""
    loans, worst = snapshot.loans, snapshot.worst
    pd = float(loans.numbers["pd"][row])
    exposure, dpd = (int(loans.numbers[name][row]) for name in ("exposure", "dpd"))
    severity = int(worst.severity[row])
    words = {name: column.at(row) for name, column in loans.words.items()}
    return Line(
        rank=int(loans.rank[row]),
        loan_id=loans.ids[row],
        borrower_id=loans.borrowers[row],
        pd=None if pd != pd else pd,
        exposure=None if exposure < 0 else exposure,
        at_risk=None if pd != pd or exposure <= 0 else pd * exposure,
        dpd=None if dpd < 0 else dpd,
        as_of=int(loans.numbers["as_of"][row]),
        severity=SEVERITIES[severity] if severity >= 0 else "",
        owner=worst.owner.at(row),
        alerts=int(worst.count[row]),
        **words,
    )


def products(snapshot: Snapshot) -> list[str]:
    """The products to choose from."""
    return sorted(snapshot.loans.words["product"].names)


def owners(snapshot: Snapshot) -> list[str]:
    """The owners of alerts to choose from, in the order of the policy."""
    there = set(snapshot.worst.owner.names)
    return [owner for owner in OWNERS if owner in there] + sorted(there - set(OWNERS))


def _in_default(loans: Loans) -> NDArray[np.int64]:
    rows = np.flatnonzero(loans.words["tier"].are(STATE_D))
    order: NDArray[np.int64] = rows[np.argsort(-loans.numbers["exposure"][rows], kind="stable")]
    return order


def _reach(loans: Loans, capacity: int) -> float | None:
    weight = loans.at_risk[loans.order]
    total = float(weight.sum())
    return float(weight[:capacity].sum()) / total if total > 0 else None
