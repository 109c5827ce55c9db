"""One process at a time: what only one of all that share a journal may do at a moment."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import text

from serving.journal.journal import Journal
from serving.journal.locks import exclusive

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7114))")


def hold(journal: Journal, name: str) -> ExitStack:
    """Wait until no process of this journal holds `name`, then hold it until the result is closed.

    It ends with the process, however that ends. Raises JournalDown where the database is away or the wait is long.
    """
    with ExitStack() as held:
        if journal.url.drivername == "sqlite":
            lock = Path(f"{journal.url.database}-{name}")
            with exclusive(lock.with_name(f"{lock.name}-turn")):  # who waits is next: nobody takes it twice in a row
                held.enter_context(exclusive(lock))
        else:
            connection = held.enter_context(journal.connection())
            connection.execute(_LOCK, {"name": f"loanwatch {name}"})
        return held.pop_all()
