"""One chain being written: its connection, its end, and what a broken commit left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from serving.journal.chain import START, canonical
from serving.journal.claims import Claims
from serving.journal.entries import Opening
from serving.journal.heads import head_of, heads
from serving.journal.kinds import Prepared, prepare
from serving.journal.locks import exclusive
from serving.journal.rows import Head
from serving.journal.schema import ENTRIES
from serving.journal.submission import Submission
from serving.journal.transaction import Outcome, Transaction

VERSION: Final = "1"
Outcomes = list[tuple[Submission, Outcome]]


@dataclass(frozen=True)
class _Commit:
    """A commit that was begun: where it ends, and what it means if it happened."""

    chain: str
    head: Head
    outcomes: Outcomes


@dataclass
class _Session:
    """A connection with a chain of our own; `opening` waits for the first group."""

    connection: Connection
    chain: str
    head: Head
    opening: Prepared | None


class Pen:
    """Writes groups of submissions to a chain of its own, each group in one transaction.

    The chain is taken with the first group, and again after the connection was lost. Each time an entry names the
    last entries of all other chains, so that cutting the end off one of them shows.
    """

    def __init__(self, engine: Engine, claims: Claims, writer: str, lock: Path | None) -> None:
        self._engine = engine
        self._claims = claims
        self._writer = writer
        self._lock = lock
        self._session: _Session | None = None
        self._chain = ""
        self._begun: _Commit | None = None

    @property
    def unsure(self) -> bool:
        """The last commit broke, and it is not known yet whether it happened."""
        return self._begun is not None

    def settle(self) -> Outcomes:
        """What became of the commit that broke: its outcomes where it happened, nothing where it did not."""
        begun = self._begun
        if begun is None:
            return []
        there = select(ENTRIES.c.hash).where(ENTRIES.c.chain == begun.chain, ENTRIES.c.seq == begun.head.seq)
        with self._alone(), self._connected().connection.begin() as transaction:
            happened = transaction.connection.execute(there).scalar() == begun.head.hash
        self._begun = None
        return begun.outcomes if happened else []

    def write(self, group: Sequence[Submission], clock: Callable[[], int]) -> Outcomes:
        """Write a group and commit. Raises what the database raises; then `unsure` says whether to `settle` first."""
        with self._alone():
            session = self._connected()
            opening = [session.opening] if session.opening else []
            n = len(opening) + sum(len(one.entries) for one in group)
            with session.connection.begin():
                transaction = Transaction(session.connection, session.chain, session.head, clock(), n)
                outcomes = list(zip(group, transaction.take(group, opening), strict=True))
                self._begun = _Commit(session.chain, transaction.head, outcomes)
            self._begun = None
            session.head, session.opening = transaction.head, None
        return outcomes

    def forget(self) -> None:
        """Let go of a connection that failed."""
        if self._session is not None:
            with suppress(SQLAlchemyError):
                self._session.connection.invalidate()
                self._session.connection.close()
        self._session = None
        self._engine.dispose()

    def close(self) -> None:
        """Let go of everything."""
        self.forget()
        self._claims.release()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock is None:
            yield
        else:
            with exclusive(self._lock):
                yield

    def _connected(self) -> _Session:
        if self._session is None:
            connection = self._engine.connect()
            try:
                self._session = self._taken(connection)
            except BaseException:
                connection.close()
                raise
        return self._session

    def _taken(self, connection: Connection) -> _Session:
        """Take a chain, find its end, and make ready to say that it goes on."""
        with connection.begin():
            self._chain = self._claims.take(connection, self._chain)
        with connection.begin():
            ends = {name: [head.seq, head.hash] for name, head in heads(connection).items() if name != self._chain}
            head = head_of(connection, self._chain) or Head(0, START)
        opening = Opening(writer=self._writer, version=VERSION, heads=canonical(ends).decode())
        return _Session(connection, self._chain, head, prepare(opening))
