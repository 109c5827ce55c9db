"""Idempotency: the same key with the same body gets the same answer, byte for byte, and is done once."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from book.errors import Fault, RequestRefused
from serving.journal import Answer
from serving.routes.entry import Visit
from serving.service import Made

HEADER = "idempotency-key"
_KEY = re.compile(r"[!-~]{1,200}")


def key_of(request: Request) -> str:
    """The key of a request, "" where it has none. Raises RequestRefused for one that cannot be kept."""
    key = request.headers.get(HEADER, "")
    if key and not _KEY.fullmatch(key):
        raise RequestRefused(
            [Fault("malformed", "the key cannot be kept", path="headers.Idempotency-Key", got=f"{len(key)} characters",
                   allowed="1 to 200 printable ASCII characters without spaces")]
        )  # fmt: skip
    return key


async def once(visit: Visit, key: str, body: bytes, work: Callable[[], Made], inline: bool) -> Response:
    """As `once_made`, for plain `work`, done in a thread or `inline`."""

    async def made() -> Made:
        return work() if inline else await run_in_threadpool(work)

    return await once_made(visit, key, body, made)


async def once_made(visit: Visit, key: str, body: bytes, work: Callable[[], Awaitable[Made]]) -> Response:
    """What `work` makes, sent after its entries are kept; the earlier answer where the key was used before.

    Raises KeyReused, NoJournal (a key without a journal), JournalDown and whatever `work` raises.
    """
    if key:
        earlier = await run_in_threadpool(visit.backing.kept().answered, visit.scope, key, body)
        if earlier is not None:
            return _response(earlier.content, earlier.status)
    made = await work()
    answer = Answer.of(visit.scope, key, body, made.status, made.content) if key else None
    receipt = await visit.write(*made.entries, subject=made.subject, answer=answer)
    if receipt is not None and receipt.answer is not None:
        return _response(receipt.answer.content, receipt.answer.status)
    return _response(made.content, made.status)


def _response(content: bytes, status: int) -> Response:
    return Response(content, status, media_type="application/json")
