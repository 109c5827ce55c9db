"""Alerts that are not closed, in memory: of a hundred thousand loans the queue shows the worst of each at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from policy.parts.rules import SEVERITIES
from serving.desk.rows import UNKNOWN, Loans, Words
from serving.journal import Journal
from serving.journal.schema import ENTRIES, STANDINGS, TYPED

CLOSED: Final = "closed"
_AGAIN: Final = 2_000
"""Places read a second time: writers of one moment may become visible in another order than that of their places."""


class Case(NamedTuple):
    """An alert that is not closed."""

    loan_id: str
    severity: int
    owner: str


@dataclass(frozen=True)
class Worst:
    """By row of the loans: code of the worst severity (-1: no alert), its owner, and how many alerts are not closed."""

    severity: NDArray[np.int8]
    owner: Words
    count: NDArray[np.int32]


@dataclass
class Cases:
    """Follows the journal; `refresh` reads what is new and says whether anything was."""

    held: dict[str, Case] = field(default_factory=dict)
    _seen: int | None = None

    def refresh(self, journal: Journal) -> bool:
        """Take in alerts and steps since the last call. Raises JournalDown."""
        alerts, steps = TYPED["alert"], TYPED["alert_step"]
        after = -1 if self._seen is None else self._seen - _AGAIN
        on = (STANDINGS.c.kind == "alert") & (STANDINGS.c.id == alerts.c.alert_id) & (STANDINGS.c.status != CLOSED)
        new = (
            select(alerts.c.alert_id, alerts.c.loan_id, alerts.c.severity, alerts.c.owner)
            .join(STANDINGS, on)
            .where(alerts.c.place > after)
        )
        gone = select(steps.c.alert_id).where(steps.c.place > after, steps.c.status == CLOSED)
        with journal.connection() as connection:
            last = connection.execute(select(func.coalesce(func.max(ENTRIES.c.place), 0))).scalar_one()
            if last == self._seen:
                return False
            found = {row.alert_id: _case(row.loan_id, row.severity, row.owner) for row in connection.execute(new)}
            closed = {row.alert_id for row in connection.execute(gone)} if self._seen is not None else set()
        before = len(self.held), sum(name in self.held for name in found)
        self.held |= found
        for name in closed:
            self.held.pop(name, None)
        self._seen = int(last)
        return (len(self.held), len(found)) != before

    def worst(self, loans: Loans) -> Worst:
        """What the queue shows of each loan."""
        severity = np.full(len(loans), UNKNOWN, np.int8)
        count = np.zeros(len(loans), np.int32)
        owners = [""] * len(loans)
        place = dict(zip(loans.ids, range(len(loans)), strict=True)) if self.held else {}
        for case in self.held.values():
            row = place.get(case.loan_id)
            if row is not None:
                count[row] += 1
                if case.severity > severity[row]:
                    severity[row], owners[row] = case.severity, case.owner
        return Worst(severity, Words.of(owners), count)

    def by_severity(self) -> dict[str, int]:
        """How many alerts of each severity are not closed, gravest first."""
        counts = np.bincount([case.severity for case in self.held.values()], minlength=len(SEVERITIES))
        return {name: int(counts[code]) for code, name in reversed(list(enumerate(SEVERITIES)))}


def _case(loan_id: str, severity: str, owner: str) -> Case:
    return Case(loan_id, SEVERITIES.index(severity), owner)
