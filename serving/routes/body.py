"""Reading a request body within its limit, and answering it without holding up others."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving.errors import TooLarge, WrongMedia
from serving.service import Service

JSON = "application/json"


def service_of(request: Request) -> Service:
    """The service of the application."""
    service: Service = request.app.state.service
    return service


async def read_json(request: Request, limit: int) -> bytes:
    """The whole body. Raises WrongMedia where it is not declared as JSON, TooLarge above `limit` bytes."""
    media = request.headers.get("content-type", "")
    if media.partition(";")[0].strip().lower() != JSON:
        raise WrongMedia(media)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge(limit)
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise TooLarge(limit)
        pieces.append(piece)
    return b"".join(pieces)


async def answer(work: Callable[[bytes], msgspec.Struct], body: bytes, inline_bytes: int) -> Response:
    """What `work` makes of `body`, as JSON; in a thread where the body is longer than `inline_bytes`."""
    if len(body) > inline_bytes:
        made = await run_in_threadpool(work, body)
    else:
        made = work(body)
    return json(made)


def json(made: msgspec.Struct, status: int = 200) -> Response:
    """A structure as a JSON response; NaN becomes null."""
    return Response(msgspec.json.encode(made), status, media_type=JSON)
