"""Which chain a writer uses: the first one of its name that no living process holds."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from book.errors import Refusal
from serving.journal.locks import taken

MOST: Final = 10_000
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")


class Claims:
    """Takes chains "<writer>/1", "<writer>/2", ... and holds the one it took while the process lives.

    In SQLite a lock file beside the database holds a chain, in PostgreSQL an advisory lock of the connection.
    """

    def __init__(self, writer: str, database: str | None) -> None:
        if not _NAME.fullmatch(writer):
            raise Refusal(f"journal writer: got {writer!r}; allowed: small letters, digits and dashes, such as api")
        self._writer = writer
        self._database = database
        self._held: dict[str, int] = {}

    def take(self, connection: Connection, kept: str = "") -> str:
        """A chain that is ours alone; `kept`, held before on a connection that is gone, where it is still free."""
        names = [f"{self._writer}/{n}" for n in range(1, MOST + 1)]
        for name in dict.fromkeys([*filter(None, [kept]), *names]):
            if self._take(connection, name):
                return name
        raise Refusal(f"journal: {MOST:,} writers named {self._writer} are at work")

    def _take(self, connection: Connection, name: str) -> bool:
        if connection.dialect.name == "postgresql":
            asked = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 7114))")
            return bool(connection.execute(asked, {"name": f"loanwatch {name}"}).scalar())
        if name in self._held:
            return True
        handle = taken(Path(f"{self._database}-chain-{name.replace('/', '-')}"))
        if handle is not None:
            self._held[name] = handle
        return handle is not None

    def release(self) -> None:
        """Let go of the lock files."""
        for handle in self._held.values():
            os.close(handle)
        self._held.clear()
