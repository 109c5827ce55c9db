"""What stands behind the routes: the door, the journal, the store of the book. Knows no HTTP."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from book.errors import Refusal
from book.settings import Settings
from book.tables import Tables
from serving.access.door import Door
from serving.errors import NoJournal, NoStore
from serving.incoming import Incoming
from serving.journal import Journal
from serving.memory import NOTHING, Memory
from serving.outgoing import Outgoing

log = logging.getLogger("loanwatch.store")


class Generation(Protocol):
    """A nightly state of the book (`book.store.Generation`)."""

    id: str
    as_of: int
    cutoff: int
    settings: Settings


class BookStore(Protocol):
    """The store of the book (`book.store.Store`): described here, since reading it imports more than a request may."""

    @property
    def generation(self) -> Generation:
        """The generation in force."""

    def borrower_of(self, loan_id: str) -> str:
        """The pseudonym of a loan's borrower; LookupError where it is not known."""

    def loans_of(self, borrower_id: str) -> list[str]:
        """The ids of a borrower's loans; LookupError where it is not known."""

    def loan_words(self, column: str) -> Mapping[str, str]:
        """A text column of the table of contracts, such as the product, by loan id."""

    def tables(self, borrower_ids: Sequence[str], upto: int | None = None, generation: str | None = None) -> Tables:
        """The nightly rows of borrowers and the events received up to a moment."""

    def keep_event(self, tables: Mapping[str, Any], received_at: int) -> Sequence[Any]:
        """New rows, checked and pseudonymised, by borrower."""

    def refresh(self) -> bool:
        """Look for a newer generation."""


@dataclass(frozen=True)
class Backing:
    """The parts of the service that are no model. Without a journal (demonstrations) nothing is kept."""

    door: Door
    journal: Journal | None = None
    store: BookStore | None = None
    memory: Memory = NOTHING
    incoming: Incoming | None = None

    @cached_property
    def outgoing(self) -> Outgoing:
        """The way of what requests leave into the journal. Raises NoJournal."""
        return Outgoing(self.kept())

    def kept(self) -> Journal:
        """The journal. Raises NoJournal."""
        if self.journal is None:
            raise NoJournal
        return self.journal

    def book(self) -> BookStore:
        """The store. Raises NoStore."""
        if self.store is None:
            raise NoStore
        return self.store

    def watch(self, stop: threading.Event, every: float = 1.0) -> None:
        """Look for a newer night of the book every `every` seconds until `stop` is set; runs in a thread of its own."""
        while self.store is not None and not stop.wait(every):
            try:
                self.store.refresh()
            except (Refusal, OSError) as error:
                log.error("the store stays at %s: %s", self.store.generation.id, error)

    def close(self) -> None:
        """Write what waits in the journal, and let go of it."""
        if self.journal is not None:
            self.journal.close()
