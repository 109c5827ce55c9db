"""Emptying the outbox: at least once, with back-off, until delivered or given up.

A message is sent first and the attempt recorded after: a kill in between sends it again, with the same id, and loses
nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from serving.journal.entries import DEAD, DELIVERED, Attempt, Delivery
from serving.journal.errors import Conflict
from serving.journal.ids import now_us
from serving.journal.journal import Journal
from serving.journal.lives import Life
from serving.webhooks.endpoints import Endpoint
from serving.webhooks.sending import Sent, send

FAILED: Final = "failed"
ATTEMPTS: Final = 12
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 6 * 3600.0
SECOND: Final = 1_000_000
AGAIN: Final = "~"
GONE: Final = 410
Send = Callable[[Endpoint, str, bytes, int], Sent]


@dataclass(frozen=True)
class Outbox:
    """A journal and the receivers of its messages; `attempts` are made before a message is given up."""

    journal: Journal
    endpoints: Mapping[str, Endpoint]
    attempts: int = ATTEMPTS
    clock: Callable[[], int] = now_us
    send: Send = send
    chance: Callable[[], float] = random.random

    @classmethod
    def of(cls, journal: Journal, endpoints: Sequence[Endpoint]) -> Outbox:
        """The outbox of a journal."""
        return cls(journal, {one.id: one for one in endpoints})

    def deliver_due(self, limit: int = 100, together: int = 8) -> dict[str, int]:
        """One attempt for each message that is due, `together` at a time; how many were delivered, failed, dead."""
        due = self.journal.due(self.clock(), limit)
        with ThreadPoolExecutor(together) as pool:
            outcomes = list(pool.map(self._attempt, due))
        return {name: outcomes.count(name) for name in (DELIVERED, FAILED, DEAD)}

    def retry(self, delivery_id: str) -> str | None:
        """Put a message that was given up into the outbox again; its new id there, None where there is nothing to do.

        Once only: the copy is given up or delivered on its own account. Its receiver sees the id it knows.
        """
        story = self.journal.delivery(delivery_id)
        if story is None or story.life.status != DEAD:
            return None
        old = story.life.entry
        name, _, times = delivery_id.partition(AGAIN)
        again = f"{name}{AGAIN}{int(times or 0) + 1}"
        if self.journal.delivery(again) is not None:
            return None
        body = self.journal.value(old.body)
        entry = Delivery(
            delivery_id=again, endpoint=old.endpoint, topic=old.topic, subject=old.subject, due_at=self.clock(),
            request_id=old.request_id, body=body,
        )  # fmt: skip
        self.journal.write(entry).result()
        return again

    def given_up(self) -> list[str]:
        """The ids of all messages that were given up."""
        found, before = [], None
        while True:
            page = self.journal.dead(1_000, before)
            found += [life.entry.delivery_id for life in page.rows]
            before = page.next
            if before is None:
                return found

    def _attempt(self, life: Life[Delivery]) -> str:
        """Send a message, then record how it went; "" where another process was faster."""
        entry, number = life.entry, life.step + 1
        sent = self._sent(entry)
        outcome = DELIVERED if sent.delivered else FAILED
        if outcome == FAILED and (number >= self.attempts or sent.status == GONE):
            outcome = DEAD
        next_at = self.clock() + self._wait(number) if outcome == FAILED else 0
        made = Attempt(
            delivery_id=entry.delivery_id, attempt=number, outcome=outcome, status=sent.status, error=sent.error,
            next_at=next_at,
        )  # fmt: skip
        try:
            self.journal.write(made).result()
        except Conflict:
            return ""
        return outcome

    def _sent(self, entry: Delivery) -> Sent:
        endpoint = self.endpoints.get(entry.endpoint)
        if endpoint is None:
            return Sent(0, f"endpoint {entry.endpoint!r} is not configured")
        body = self.journal.payload(entry.body)
        if body is None:
            return Sent(GONE, "the content was erased by retention")
        return self.send(endpoint, webhook_id(entry.delivery_id), body, self.clock() // SECOND)

    def _wait(self, number: int) -> int:
        """Microseconds before the next attempt: doubling from 5 s to 6 h, each between half of it and all of it."""
        longest: float = min(FIRST_WAIT * 2.0 ** (number - 1), LONGEST_WAIT)
        return int(longest * (0.5 + 0.5 * self.chance()) * SECOND)


def webhook_id(delivery_id: str) -> str:
    """The id that the receiver sees: the same for every attempt, also of a message put into the outbox again."""
    return delivery_id.partition(AGAIN)[0]
