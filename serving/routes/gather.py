"""Questions that wait at the same moment are answered in one call: judging ten loans costs little more than one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from serving.service import Made, Question

MOST, MOST_BYTES = 16, 2 << 20
Work = Callable[[Sequence[Question]], "list[Made | Exception]"]
_Waiting = tuple[Question, "asyncio.Future[Made]"]


@dataclass
class Gatherer:
    """Answers questions in the thread of the loop, those that came meanwhile together, in the order they came.

    `work` gives what becomes of each, in their order. Nobody waits for somebody else to come: a lone question is
    answered as soon as a turn of the loop brought no other.
    """

    work: Work
    most: int = MOST
    most_bytes: int = MOST_BYTES
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _looking: bool = False

    async def made(self, question: Question) -> Made:
        """The answer. Raises what `work` gave for it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Made] = loop.create_future()
        self._waiting.append((question, future))
        if not self._looking:
            self._looking = True
            loop.call_soon(self._look, loop, 0)
        return await future

    def _look(self, loop: asyncio.AbstractEventLoop, seen: int) -> None:
        """Answer those that wait, unless the last turn of the loop brought more of them and there is room."""
        if seen < len(self._waiting) < self.most:
            loop.call_soon(self._look, loop, len(self._waiting))
            return
        self._answer(self._taken())
        self._looking = bool(self._waiting)
        if self._looking:
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
