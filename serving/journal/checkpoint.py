"""Moving what was committed from SQLite's log into the database itself, beside the writers: no commit waits for it."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

EVERY: Final = 0.25
"""Seconds between two looks at the log."""


class Checkpoints:
    """A thread that empties the log of a SQLite database a little at a time.

    Left to SQLite, one commit in some hundred moves the whole log, and everybody who writes waits. Where this thread
    does not come round to it, SQLite still does, when the log has grown to 64 MB.
    """

    def __init__(self, engine: Engine, database: Path) -> None:
        self._engine = engine
        self._log = Path(f"{database}-wal")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        seen = 0
        while not self._stop.wait(EVERY):
            with suppress(OSError):
                written = self._log.stat().st_mtime_ns
                if written != seen:
                    seen = written
                    self._move()

    def _move(self) -> None:
        """Move what nobody reads in the log any more; a trouble with the database is told by those who write."""
        with suppress(SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
            pooled = self._engine.raw_connection()
            try:
                pooled.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                pooled.close()
