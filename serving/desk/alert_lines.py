"""Alerts as the desk lists them: the row of the journal with its sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import func, select

from policy.parts.rules import SEVERITIES
from reports.desk.labels import Labels
from serving.journal import Alert, Journal
from serving.journal.lives import Life
from serving.journal.schema import STANDINGS

OPEN: Final = ("open", "acknowledged", "acted")
"""The states in which an alert waits for somebody."""
STATES: Final = (*OPEN, "closed")


@dataclass(frozen=True)
class AlertLine:
    """One alert of a list; `fired_on` is a day since 1970-01-01, `at` the moment it was kept (UTC microseconds)."""

    alert_id: str
    severity: str
    rule: str
    level: str
    loan_id: str
    borrower_id: str
    fired_on: int
    owner: str
    action: str
    status: str
    step: int
    at: int
    text: str


def alert_lines(journal: Journal, lives: Sequence[Life[Alert]], labels: Labels) -> list[AlertLine]:
    """Alerts with what they say. Raises JournalDown."""
    stories = journal.payloads([life.entry.evidence for life in lives if life.entry.evidence])
    return [alert_line(life, _story(stories.get(life.entry.evidence)), labels) for life in lives]


def alert_line(life: Life[Alert], story: Mapping[str, Any] | None, labels: Labels) -> AlertLine:
    """One alert, `story` being its evidence (None: erased)."""
    one = life.entry
    return AlertLine(
        one.alert_id, one.severity, one.rule, one.level, one.loan_id, one.borrower_id, one.fired_on, one.owner,
        one.action, life.status, life.step, life.kept.at, labels.told(story, one.rule),
    )  # fmt: skip


def gravest_first(lines: Sequence[AlertLine]) -> list[AlertLine]:
    """Alerts with the gravest ones first, otherwise as they were."""
    return sorted(lines, key=lambda one: -SEVERITIES.index(one.severity))


def counted(journal: Journal) -> dict[str, int]:
    """How many alerts are in each state, over the whole journal. Raises JournalDown."""
    question = select(STANDINGS.c.status, func.count()).where(STANDINGS.c.kind == "alert").group_by(STANDINGS.c.status)
    with journal.connection() as connection:
        found = {str(status): int(n) for status, n in connection.execute(question)}
    return {state: found.get(state, 0) for state in STATES}


def _story(content: bytes | None) -> Mapping[str, Any] | None:
    found = None if content is None else msgspec.json.decode(content)
    return found if isinstance(found, dict) else None
