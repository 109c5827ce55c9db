"""Idempotency: the same key with the same body gets the same answer, byte for byte, and is done once."""

from __future__ import annotations

import re
from collections.abc import Callable

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
    """What `work` makes in a thread (or `inline`), sent as `sent` says; the earlier answer where the key was used.

    Raises KeyReused, NoJournal (a key without a journal), JournalDown and whatever `work` raises.
    """
    earlier = await answered(visit, key, body)
    if earlier is not None:
        return earlier
    made = work() if inline else await run_in_threadpool(work)
    return await sent(visit, key, body, made)


async def answered(visit: Visit, key: str, body: bytes) -> Response | None:
    """The earlier answer to the same body where the key was used before. Raises KeyReused, NoJournal, JournalDown."""
    if not key:
        return None
    earlier = await run_in_threadpool(visit.backing.kept().answered, visit.scope, key, body)
    return None if earlier is None else _response(earlier.content, earlier.status)


async def sent(visit: Visit, key: str, body: bytes, made: Made) -> Response:
    """What was made, after its entries are kept; the answer of another request that was first with the key.

    Raises KeyReused, JournalDown.
    """
    answer = Answer.of(visit.scope, key, body, made.status, made.content) if key else None
    receipt = await visit.write(*made.entries, subject=made.subject, answer=answer)
    if receipt is not None and receipt.answer is not None:
        return _response(receipt.answer.content, receipt.answer.status)
    return _response(made.content, made.status)


def _response(content: bytes, status: int) -> Response:
    return Response(content, status, media_type="application/json")
