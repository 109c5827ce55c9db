"""What requests leave for the journal, handed over together: those that are ready at the same moment share a commit."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

from serving.journal import Answer, Entry, Journal, JournalDown, Receipt, Submission

_Waiting = tuple[Submission, "asyncio.Future[Receipt]"]


class Outgoing:
    """Hands entries to the journal's thread once a turn of the loop, and wakes the loop once when they are written."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[_Waiting] = []

    async def write(self, *entries: Entry, answer: Answer | None = None) -> Receipt:
        """As `Journal.write`: the receipt, after the commit."""
        submission = self._journal.prepared(*entries, answer=answer)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        self._waiting.append((submission, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._send, loop)
        return await future

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting, []
        open_ = len(batch)

        def written(_: Future[Receipt]) -> None:
            nonlocal open_
            open_ -= 1  # in the journal's thread, one after the other
            if not open_:
                loop.call_soon_threadsafe(_deliver, batch)

        for submission, _ in batch:
            submission.future.add_done_callback(written)
        try:
            self._journal.hand_over([submission for submission, _ in batch])
        except JournalDown as down:
            for submission, _ in batch:
                submission.future.set_exception(down)


def _deliver(batch: list[_Waiting]) -> None:
    for submission, future in batch:
        if future.done():
            continue
        error = submission.future.exception()
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(submission.future.result())
