"""The thread that writes: it gathers what waits into one transaction, and callers hear after the commit."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Final

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from serving.journal.database import brief
from serving.journal.entries import Entry
from serving.journal.errors import Conflict, JournalDown
from serving.journal.kinds import prepare
from serving.journal.pen import Outcomes, Pen
from serving.journal.submission import Answer, Receipt, Submission

log = logging.getLogger("loanwatch.journal")
MOST_ENTRIES: Final = 4_000
"""Entries from which on a group is not made larger."""
_PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.5)


class Writer:
    """Takes submissions from any thread and writes them in groups.

    A group that fails because of one submission is written one by one, so that only that one is refused. While the
    database is away submissions wait, each for `patience` seconds, then they fail with JournalDown.
    """

    def __init__(self, pen: Pen, clock: Callable[[], int], patience: float) -> None:
        self._pen = pen
        self._clock = clock
        self._patience = patience
        self._queue: SimpleQueue[Sequence[Submission] | None] = SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()
        self.trouble: str | None = None
        self.written: Callable[[float, Outcomes], None] | None = None

    @property
    def waiting(self) -> int:
        """How many calls wait to be written."""
        return self._queue.qsize()

    def submit(self, entries: Sequence[Entry], answer: Answer | None) -> Future[Receipt]:
        """Hand over; the future is set after the commit. Raises what `prepare` raises, and JournalDown when closed."""
        submission = self.prepared(entries, answer)
        self.hand_over([submission])
        return submission.future

    def prepared(self, entries: Sequence[Entry], answer: Answer | None) -> Submission:
        """What can be handed over. Raises what `prepare` raises."""
        return Submission([prepare(entry) for entry in entries], answer, time.monotonic() + self._patience)

    def hand_over(self, submissions: Sequence[Submission]) -> None:
        """Hand over several at once: they are written in one transaction. Raises JournalDown when closed."""
        if self._closing.is_set():
            raise JournalDown("it was closed")
        self._queue.put(submissions)

    def close(self) -> None:
        """Write what waits, then stop."""
        if not self._closing.is_set():
            self._closing.set()
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            group, goes_on = self._gather()
            if group:
                try:
                    self._write(group)
                except Exception as error:
                    log.exception("the journal's writer failed")
                    _fail(group, JournalDown(brief(error), self._pen.unsure))
                    self._pen.forget()
        self._pen.close()

    def _gather(self) -> tuple[list[Submission], bool]:
        """What waits, at least one; False beside it when it is time to stop."""
        group: list[Submission] = []
        n = 0
        first = self._queue.get()
        while first is not None:
            group += first
            n += sum(len(one.entries) for one in first)
            if n >= MOST_ENTRIES:
                return group, True
            try:
                first = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _write(self, group: list[Submission], last: bool = False) -> None:
        """Write a group, waiting while the database is away; every future is set at the end."""
        tries = 0
        while group:
            try:
                if self._pen.unsure:
                    _tell(self._pen.settle())
                    group = [one for one in group if not one.future.done()]
                if group:
                    began = time.monotonic()
                    outcomes = self._pen.write(group, self._clock)
                    _tell(outcomes)
                    if self.written is not None:
                        self.written(time.monotonic() - began, outcomes)
                self.trouble = None
                return
            except IntegrityError as error:
                self._pen.forget()
                self._apart(group, error, last)
                return
            except SQLAlchemyError as error:
                self.trouble = brief(error)
                self._pen.forget()
                group = self._still_waiting(group)
                time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1

    def _apart(self, group: list[Submission], error: IntegrityError, last: bool) -> None:
        """One of the group breaks a rule of the database: write them one by one, and each once more.

        The second time it is seen what another process wrote at the same moment: an alert that is there is skipped.
        """
        if last:
            _fail(group, Conflict(f"the journal holds this already, or somebody was faster; got: {brief(error)}"))
        else:
            for one in group:
                self._write([one], last=len(group) == 1)

    def _still_waiting(self, group: list[Submission]) -> list[Submission]:
        """Those whose patience has not ended; the others fail."""
        now = time.monotonic()
        late = [one for one in group if one.until <= now]
        if late:
            log.error("the journal cannot be written: %s", self.trouble)
        _fail(late, JournalDown(self.trouble or "", self._pen.unsure))
        return [one for one in group if one.until > now]


def _tell(outcomes: Outcomes) -> None:
    for submission, outcome in outcomes:
        if submission.future.done():
            continue
        if isinstance(outcome, Exception):
            submission.future.set_exception(outcome)
        else:
            submission.future.set_result(outcome)


def _fail(group: Sequence[Submission], error: Exception) -> None:
    for one in group:
        if not one.future.done():
            one.future.set_exception(error)
