"""The journal: what was said, when, with what and to whom; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from serving.journal.chain import digest
from serving.journal.checkpoint import Checkpoints
from serving.journal.claims import Claims
from serving.journal.database import bring_up, database_url, engine_for
from serving.journal.entries import Access, Contact, Entry, Event, Score
from serving.journal.errors import JournalDown
from serving.journal.heads import heads
from serving.journal.ids import now_us
from serving.journal.lives import LifeReading
from serving.journal.pen import Outcomes, Pen
from serving.journal.reading import Kept, Page, asked, content_of
from serving.journal.remembered import newest_states
from serving.journal.rows import Head
from serving.journal.schema import TYPED
from serving.journal.submission import Answer, Receipt, Submission
from serving.journal.transaction import read_answer
from serving.journal.writer import Writer

_ASKED_AT_ONCE = 500


class Journal(LifeReading):
    """One process's hold on the journal: writes to a chain of its own, reads all of them.

    Open it once in a process and share it between threads. After a fork it must be opened anew.
    """

    def __init__(self, url: URL, engine: Engine, writer: Writer, checkpoints: Checkpoints | None = None) -> None:
        super().__init__(engine)
        self.url = url
        self._writer = writer
        self._checkpoints = checkpoints
        self._trial: Future[Receipt] = Future()
        self._trial.cancel()

    @classmethod
    def open(
        cls,
        url: str | Path = "sqlite:///out/journal.db",
        writer: str = "api",
        *,
        clock: Callable[[], int] = now_us,
        patience: float = 10.0,
        create: bool = True,
    ) -> Self:
        """The journal at a URL of SQLite or PostgreSQL (or a path: SQLite), its tables brought to the newest form.

        `writer` names the kind of process (api, nightly, desk); processes of one name get chains of their own.
        `clock` gives UTC microseconds. Callers wait at most about `patience` seconds for a database that is away.
        Without `create` there must be a journal already. Raises Refusal where it cannot be opened.
        """
        made = database_url(url)
        bring_up(made, patience, create)
        lock = Path(f"{made.database}-write") if made.drivername == "sqlite" else None
        pen = Pen(engine_for(made, patience, writing=True), Claims(writer, made.database), writer, lock)
        engine = engine_for(made, patience, writing=False)
        checkpoints = Checkpoints(engine, Path(str(made.database))) if lock else None
        return cls(made, engine, Writer(pen, clock, patience), checkpoints)

    def write(self, *entries: Entry, answer: Answer | None = None) -> Future[Receipt]:
        """Write entries in one transaction, all or none; the future is set after the commit.

        The future fails with JournalDown (nothing was written, unless it says `unknown`), Conflict (somebody was
        faster) or KeyReused. TypeError and ValueError are raised at once for values that cannot be kept. With `answer`
        an answer is kept under its idempotency key in the same transaction; where another was first, the receipt holds
        that one and nothing is written.
        """
        return self._writer.submit(entries, answer)

    def prepared(self, *entries: Entry, answer: Answer | None = None) -> Submission:
        """As `write`, but nothing happens before `hand_over`; the receipt is in the submission's future."""
        return self._writer.prepared(entries, answer)

    def hand_over(self, submissions: Sequence[Submission]) -> None:
        """Write submissions in one transaction, each whole or not at all, where the database allows it."""
        self._writer.hand_over(submissions)

    def answered(self, scope: str, key: str, body: bytes) -> Answer | None:
        """What was answered to the same body under this key before; None where the key is new. Raises KeyReused."""
        with self.connection() as connection:
            return read_answer(connection, scope, key, digest(body))

    def score(self, score_id: str) -> Kept[Score] | None:
        """One score by its id."""
        return self.one(Score, score_id=score_id)

    def scores_of(self, loan_id: str, limit: int = 100, before: int | None = None) -> Page[Score]:
        """The scores of a loan, newest first."""
        return self.page(Score, limit, before, loan_id=loan_id)

    def latest(self, loan_id: str) -> Kept[Score] | None:
        """The newest score of a loan that was not part of a nightly run (`Segments` has those)."""
        return self.one(Score, loan_id=loan_id)

    def contacts(self, borrower_id: str, since: int = 0) -> list[Kept[Contact]]:
        """What the guard was asked about a borrower from a moment on, oldest first."""
        table = TYPED["contact"]
        return self.oldest_first(
            Contact, asked(table).where(table.c.borrower_id == borrower_id, table.c.asked_for >= since)
        )

    def accesses(self, limit: int = 100, before: int | None = None, **having: Any) -> Page[Access]:
        """The audit, newest first; `having`: actor, subject, method, path, request_id."""
        return self.page(Access, limit, before, **having)

    def events(self, borrower_ids: Sequence[str], after: int, upto: int) -> list[Kept[Event]]:
        """Events of borrowers received after one moment and not after another, in the order of writing."""
        table, found = TYPED["event"], []
        for start in range(0, len(borrower_ids), _ASKED_AT_ONCE):
            some = table.c.borrower_id.in_(list(borrower_ids[start : start + _ASKED_AT_ONCE]))
            between = (table.c.received_at > after) & (table.c.received_at <= upto)
            found += self.oldest_first(Event, asked(table).where(some, between))
        return sorted(found, key=lambda event: event.place)

    def event_rows(self, borrower_ids: Sequence[str], after: int, upto: int) -> list[Any]:
        """The rows of those events by table: what a re-score reads beside the store."""
        kept = self.events(borrower_ids, after, upto)
        content = self.payloads([event.entry.rows for event in kept])
        return [msgspec.json.decode(rows) for event in kept if (rows := content[event.entry.rows]) is not None]

    def states(self, loan_ids: Sequence[str], after: int = 0) -> dict[str, dict[str, Any]]:
        """The policy's state after the newest score of each loan with one, written at a place after `after`."""
        found: dict[str, dict[str, Any]] = {}
        with self.cursor() as cursor:
            newest = list(newest_states(cursor, self._engine.dialect.name, loan_ids, after))
        for one in newest:
            if one.hash is None:
                raise KeyError(one.name)
            state = content_of(one)
            if state is not None:
                found[one.loan] = msgspec.json.decode(state)
        return found

    def heads(self) -> dict[str, Head]:
        """The end of every chain."""
        with self.connection() as connection:
            return heads(connection)

    def healthy(self) -> str | None:
        """What is wrong with the journal at this moment, None where it answers and the last write went well.

        Where the last write failed another one is tried, since nobody sends requests to a service that is not ready.
        """
        try:
            with self.connection() as connection:
                connection.execute(text("SELECT 1"))
        except JournalDown as down:
            return str(down)
        if self._writer.trouble and self._trial.done():
            self._trial = self._writer.submit((), None)
        return self._writer.trouble

    @property
    def address(self) -> str:
        """Its URL, with the password."""
        return self.url.render_as_string(hide_password=False)

    @property
    def waiting(self) -> int:
        """How many calls of this process wait to be written."""
        return self._writer.waiting

    def watch(self, written: Callable[[float, Outcomes], None]) -> None:
        """Call `written` after each transaction of this process, with its seconds and what became of each call."""
        self._writer.written = written

    def close(self) -> None:
        """Write what waits, then let go of the database."""
        if self._checkpoints is not None:
            self._checkpoints.close()
        self._writer.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
