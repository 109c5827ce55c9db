"""Alerts, tasks, overrides and deliveries with where they stand: what the desk and the outbox ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Select

from serving.journal.entries import (
    DEAD,
    PENDING,
    Alert,
    AlertStep,
    Attempt,
    Delivery,
    Entry,
    Override,
    OverrideStep,
    Task,
    TaskStep,
)
from serving.journal.reading import Kept, Reading, asked, kept
from serving.journal.schema import STANDINGS, TYPED

E = TypeVar("E", bound=Entry)
S = TypeVar("S", bound=Entry)
_IDS: Final = {"alert": "alert_id", "task": "task_id", "override": "override_id", "delivery": "delivery_id"}


@dataclass(frozen=True)
class Life(Generic[E]):
    """How something began that lives on, and where it stands after `step` steps; `next_at` is for deliveries."""

    kept: Kept[E]
    status: str
    step: int
    next_at: int

    @property
    def entry(self) -> E:
        """How it began."""
        return self.kept.entry


@dataclass(frozen=True)
class Lives(Generic[E]):
    """A page of lives, newest first, and the place to go on from."""

    rows: tuple[Life[E], ...]
    next: int | None


@dataclass(frozen=True)
class Story(Generic[E, S]):
    """A life with its steps, oldest first."""

    life: Life[E]
    steps: tuple[Kept[S], ...]


class LifeReading(Reading):
    """Questions about lives."""

    def alerts(
        self, status: str | Sequence[str] | None = None, limit: int = 100, before: int | None = None, **having: Any
    ) -> Lives[Alert]:
        """Alerts in a status, or in one of several, newest first.

        `having`: severity, rule, owner, loan_id, borrower_id, level, fired_on.
        """
        return self._lives(Alert, status, limit, before, having)

    def alert(self, alert_id: str) -> Story[Alert, AlertStep] | None:
        """One alert with its life."""
        return self._story(Alert, AlertStep, alert_id)

    def tasks(
        self, status: str | None = None, limit: int = 100, before: int | None = None, **having: Any
    ) -> Lives[Task]:
        """Tasks, newest first; `having`: kind, loan_id, borrower_id, due_on, alert_id."""
        return self._lives(Task, status, limit, before, having)

    def task_stories(
        self, status: str | None = None, limit: int = 100, before: int | None = None, **having: Any
    ) -> tuple[list[Story[Task, TaskStep]], int | None]:
        """As `tasks`, with their steps."""
        return self._stories(Task, TaskStep, status, limit, before, having)

    def task(self, task_id: str) -> Story[Task, TaskStep] | None:
        """One task with its life."""
        return self._story(Task, TaskStep, task_id)

    def overrides(
        self, status: str | None = None, limit: int = 100, before: int | None = None, **having: Any
    ) -> tuple[list[Story[Override, OverrideStep]], int | None]:
        """Overrides with their answers, newest first, and the place to go on from; `having`: loan_id, actor."""
        return self._stories(Override, OverrideStep, status, limit, before, having)

    def override(self, override_id: str) -> Story[Override, OverrideStep] | None:
        """One override with its answer."""
        return self._story(Override, OverrideStep, override_id)

    def deliveries(
        self, status: str | None = None, limit: int = 100, before: int | None = None, **having: Any
    ) -> Lives[Delivery]:
        """Deliveries, newest first; `having`: endpoint, topic, subject."""
        return self._lives(Delivery, status, limit, before, having)

    def delivery(self, delivery_id: str) -> Story[Delivery, Attempt] | None:
        """One delivery with its attempts."""
        return self._story(Delivery, Attempt, delivery_id)

    def due(self, now: int, limit: int = 100) -> tuple[Life[Delivery], ...]:
        """Deliveries to attempt at `now`, those due first first."""
        question = _with_standing(Delivery).where(STANDINGS.c.status == PENDING, STANDINGS.c.next_at <= now)
        with self.connection() as connection:
            rows = connection.execute(question.order_by(STANDINGS.c.next_at, STANDINGS.c.place).limit(limit)).all()
        return tuple(_life(Delivery, row) for row in rows)

    def dead(self, limit: int = 100, before: int | None = None) -> Lives[Delivery]:
        """Deliveries that were given up, newest first."""
        return self.deliveries(DEAD, limit, before)

    def _lives(
        self, kind: type[E], status: str | Sequence[str] | None, limit: int, before: int | None, having: dict[str, Any]
    ) -> Lives[E]:
        table = TYPED[kind.KIND]
        question = _with_standing(kind)
        question = question.where(*(table.c[name] == value for name, value in having.items() if value is not None))
        if status is not None:
            wanted = [status] if isinstance(status, str) else list(status)
            question = question.where(STANDINGS.c.status.in_(wanted))
        if before is not None:
            question = question.where(table.c.place < before)
        with self.connection() as connection:
            found = connection.execute(question.order_by(table.c.place.desc()).limit(limit + 1)).all()
        rows = tuple(_life(kind, row) for row in found[:limit])
        return Lives(rows, rows[-1].kept.place if len(found) > limit else None)

    def _stories(
        self, kind: type[E], step: type[S], status: str | None, limit: int, before: int | None, having: dict[str, Any]
    ) -> tuple[list[Story[E, S]], int | None]:
        """A page of lives with their steps, newest life first, and the place to go on from."""
        found, table, name = self._lives(kind, status, limit, before, having), TYPED[step.KIND], _IDS[kind.KIND]
        named = [str(getattr(life.entry, name)) for life in found.rows if life.step]
        steps: dict[str, list[Kept[S]]] = {}
        for kept_ in self.oldest_first(step, asked(table).where(table.c[name].in_(named))) if named else ():
            steps.setdefault(str(getattr(kept_.entry, name)), []).append(kept_)
        rows = [Story(life, tuple(steps.get(str(getattr(life.entry, name)), ()))) for life in found.rows]
        return rows, found.next

    def _story(self, kind: type[E], step: type[S], id_: str) -> Story[E, S] | None:
        name = _IDS[kind.KIND]
        found = self._lives(kind, None, 1, None, {name: id_}).rows
        if not found:
            return None
        table = TYPED[step.KIND]
        return Story(found[0], tuple(self.oldest_first(step, asked(table).where(table.c[name] == id_))))


def _with_standing(kind: type[Entry]) -> Select[Any]:
    table = TYPED[kind.KIND]
    on = (STANDINGS.c.kind == kind.KIND) & (STANDINGS.c.id == table.c[_IDS[kind.KIND]])
    columns = (STANDINGS.c.status.label("_status"), STANDINGS.c.step.label("_step"), STANDINGS.c.next_at.label("_next"))
    return asked(table).add_columns(*columns).join(STANDINGS, on)


def _life(kind: type[E], row: Any) -> Life[E]:
    return Life(kept(kind, row), row._status, row._step, row._next)
