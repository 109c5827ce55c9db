"""Alerts that are not closed, in memory: of a hundred thousand loans the queue shows the worst of each at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from policy.parts.rules import SEVERITIES
from serving.desk.rows import UNKNOWN, Loans, Words
from serving.journal import Journal
from serving.journal.schema import ENTRIES, STANDINGS, TYPED

CLOSED: Final = "closed"
_CODES: Final = {name: code for code, name in enumerate(SEVERITIES)}
_AGAIN: Final = 2_000
"""Places read a second time: writers of one moment may become visible in another order than that of their places."""


Case = tuple[str, int, str]
"""An alert that is not closed: loan, code of its severity, owner. A plain tuple, since there are many."""


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
            rows = connection.execute(new).all()
            found: dict[str, Case] = {name: (loan, _CODES[grave], owner) for name, loan, grave, owner in rows}
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
        count = [0] * len(loans)
        owners = [""] * len(loans)
        place = dict(zip(loans.ids, range(len(loans)), strict=True)) if self.held else {}
        worst = [UNKNOWN] * len(loans)
        for loan, grave, owner in self.held.values():
            row = place.get(loan)
            if row is not None:
                count[row] += 1
                if grave > worst[row]:
                    worst[row], owners[row] = grave, owner
        severity[:] = worst
        return Worst(severity, Words.of(owners), np.array(count, np.int32))

    def by_severity(self) -> dict[str, int]:
        """How many alerts of each severity are not closed, gravest first."""
        counts = np.bincount([grave for _, grave, _ in self.held.values()], minlength=len(SEVERITIES))
        return {name: int(counts[code]) for code, name in reversed(list(enumerate(SEVERITIES)))}
