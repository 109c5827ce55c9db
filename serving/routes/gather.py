"""Questions that wait at the same moment are answered in one call: judging ten loans costs little more than one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from serving.service import Made, Question

MOST, MOST_BYTES = 16, 2 << 20
LINGER, PATIENCE = 0.002, 0.02
Work = Callable[[Sequence[Question]], "list[Made | Exception]"]
T = TypeVar("T")
_Waiting = tuple[Question, "asyncio.Future[Made]"]


@dataclass
class Gatherer:
    """Answers questions in the thread of the loop, those that came meanwhile together, in the order they came.

    `work` gives what becomes of each, in their order. A lone question is answered as soon as a turn of the loop brought
    no other. While the last answers are on their way into the journal, for at most `PATIENCE` seconds, questions wait;
    and where the last ones were several, `LINGER` seconds more until as many are here: their senders will ask again.
    """

    work: Work
    most: int = MOST
    most_bytes: int = MOST_BYTES
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _looking: bool = False
    _last: int = 0
    _unsent: int = 0
    _not_before: float = 0.0

    async def answered(self, question: Question, send: Callable[[Made], Awaitable[T]]) -> T:
        """What `send` makes of the answer. Raises what `work` gave for the question, and what `send` raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Made] = loop.create_future()
        self._waiting.append((question, future))
        if not self._looking:
            self._looking = True
            loop.call_soon(self._look, loop, 0)
        made = await future
        self._unsent += 1
        try:
            return await send(made)
        finally:
            self._unsent -= 1
            if not self._unsent:
                self._not_before = min(self._not_before, loop.time() + (LINGER if self._last > 1 else 0.0))

    def _look(self, loop: asyncio.AbstractEventLoop, seen: int) -> None:
        """Answer those that wait, unless the last turn of the loop brought more, or more are to be expected soon."""
        n = len(self._waiting)
        if n < self.most and seen < n:
            loop.call_soon(self._look, loop, n)
            return
        wait = self._not_before - loop.time()
        if wait > 0 and (self._unsent or n < min(self._last, self.most)):
            loop.call_later(min(wait, LINGER / 4), self._look, loop, n)
            return
        self._looking = False
        try:
            self._answer(self._taken())
        finally:
            self._not_before = loop.time() + PATIENCE
            if self._waiting:
                self._looking = True
                loop.call_soon(self._look, loop, len(self._waiting))

    def _taken(self) -> list[_Waiting]:
        """The first that wait, as many as are answered together; those who gave up are left out."""
        taken: list[_Waiting] = []
        size = 0
        while self._waiting and len(taken) < self.most and size < self.most_bytes:
            question, future = self._waiting.popleft()
            if not future.done():
                taken.append((question, future))
                size += len(question.body)
        return taken

    def _answer(self, group: Sequence[_Waiting]) -> None:
        self._last = len(group)
        if not group:
            return
        outcomes: list[Made | Exception]
        try:
            outcomes = self.work([question for question, _ in group])
        except Exception as error:  # noqa: BLE001  # whoever asked hears of it
            outcomes = [error] * len(group)
        for (_, future), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
