"""Events that just came, beside those that the journal keeps: what they mean is computed before they are written."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from serving.journal import Event, Journal

EventRows = Mapping[str, Sequence[Mapping[str, Any]]]


class Incoming:
    """The events of the journal and, for the thread that holds one, the event at hand."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._here = threading.local()

    def moment(self, now: int, cutoff: int) -> int:
        """When an event counts as received (UTC microseconds): after every other one and after the night in force.

        `now` is the clock, which may step back; `cutoff` that of the night, which may be read before it has passed.
        """
        newest = self._journal.one(Event)
        return max(now, cutoff + 1, newest.entry.received_at + 1 if newest else 0)

    def event_rows(self, borrower_ids: Sequence[str], after: int, upto: int) -> list[EventRows]:
        """The rows of events of borrowers received after one moment and not after another, in order."""
        kept: list[EventRows] = list(self._journal.event_rows(borrower_ids, after, upto))
        at_hand = getattr(self._here, "event", None)
        if at_hand is not None and at_hand[0] in borrower_ids and after < at_hand[1] <= upto:
            kept.append(at_hand[2])
        return kept

    @contextmanager
    def beside(self, borrower_id: str, received_at: int, rows: EventRows) -> Iterator[None]:
        """Count an event of a borrower as received, in this thread and block."""
        self._here.event = (borrower_id, received_at, rows)
        try:
            yield
        finally:
            self._here.event = None
