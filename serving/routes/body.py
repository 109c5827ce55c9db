"""Reading a request body within its limits of size and time, and writing structures as JSON."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from book.errors import Fault, RequestRefused
from serving.errors import TooLarge, TooSlow, WrongMedia
from serving.service import Service

JSON = "application/json"
BODY_SECONDS = 60.0
SHORT = 64 << 10
T = TypeVar("T")


def service_of(request: Request) -> Service:
    """The service of the application."""
    service: Service = request.app.state.service
    return service


async def read_json(request: Request, limit: int) -> bytes:
    """The whole body. Raises WrongMedia where it is not declared as JSON, TooLarge, TooSlow."""
    media = request.headers.get("content-type", "")
    if media.partition(";")[0].strip().lower() != JSON:
        raise WrongMedia(media)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge(limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await read_up_to(request, limit)
    except TimeoutError:
        raise TooSlow(BODY_SECONDS) from None


async def read_up_to(request: Request, limit: int) -> bytes:
    """The body, whatever it is. Raises TooLarge."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise TooLarge(limit)
        pieces.append(piece)
    return b"".join(pieces)


async def read_as(request: Request, shape: type[T]) -> tuple[bytes, T]:
    """A short body as a structure. Raises RequestRefused with the path of what is wrong, and as `read_json`."""
    body = await read_json(request, SHORT)
    try:
        if b"\\u0000" in body:
            raise msgspec.ValidationError("got a text with the character NUL")
        return body, msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        what, _, path = str(error).partition(" - at `$")
        raise RequestRefused([Fault("malformed", what, path=path.rstrip("`").lstrip("."))]) from None


def json(made: msgspec.Struct, status: int = 200) -> Response:
    """A structure as a JSON response; NaN becomes null."""
    return Response(msgspec.json.encode(made), status, media_type=JSON)
