"""The door in front of every route: who asks, whether they may, how often; and the trace of it in the journal."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from serving.access.roles import Act, Actor
from serving.access.sessions import COOKIE
from serving.backing import Backing
from serving.errors import Forbidden, TooMany
from serving.journal import Access, Answer, Entry, JournalDown, Receipt
from serving.routes.headers import request_id
from serving.ruling import Asker


@dataclass(frozen=True)
class Visit:
    """One request that was let in."""

    actor: Actor
    request_id: str
    method: str
    path: str
    backing: Backing

    @property
    def asker(self) -> Asker:
        """For whom scores are computed."""
        return Asker(self.actor.name, self.request_id)

    def asker_as(self, source: str) -> Asker:
        """As `asker`, for what is not asked by a plain request."""
        return Asker(self.actor.name, self.request_id, source)

    @property
    def scope(self) -> str:
        """Keeps idempotency keys of different actors and routes apart."""
        return f"{self.actor.name} {self.method} {self.path}"

    def access(self, subject: str = "", status: int = 200) -> Access:
        """The trace of the visit."""
        return Access(
            actor=self.actor.name,
            role=",".join(sorted(self.actor.roles)),
            method=self.method,
            path=self.path,
            subject=subject,
            status=status,
            request_id=self.request_id,
        )

    async def write(
        self, *entries: Entry, subject: str = "", answer: Answer | None = None, status: int = 200
    ) -> Receipt | None:
        """Write entries and the trace of the visit, and wait for the commit; nothing where there is no journal."""
        if self.backing.journal is None:
            return None
        return await self.backing.outgoing.write(*entries, self.access(subject, status), answer=answer)


def backing_of(request: Request) -> Backing:
    """What stands behind the application."""
    backing: Backing = request.app.state.backing
    return backing


async def enter(request: Request, act: Act) -> Visit:
    """Let a request in. Raises Unauthenticated, Forbidden (kept in the journal) and TooMany."""
    backing = backing_of(request)
    door, headers = backing.door, request.headers
    given = headers.get("authorization", ""), headers.get("x-api-key", ""), request.cookies.get(COOKIE, "")
    today = datetime.now(UTC).date()
    if door.tokens is not None and given[0]:  # its keys may have to be fetched
        actor = await run_in_threadpool(door.actor, *given, today)
    else:
        actor = door.actor(*given, today)
    return await let_in(request, actor, act)


async def let_in(request: Request, actor: Actor, act: Act) -> Visit:
    """Let an actor in. Raises Forbidden (kept in the journal) and TooMany."""
    backing = backing_of(request)
    door, visit = backing.door, Visit(actor, request_id(request), request.method, request.scope["path"], backing)
    wait = door.limit.wait(actor.name, time.monotonic())
    if wait:
        raise TooMany(wait)
    try:
        door.admit(actor, act)
    except Forbidden:
        with suppress(JournalDown):
            await visit.write(status=403)
        raise
    return visit
