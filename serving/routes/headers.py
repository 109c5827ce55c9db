"""What every answer carries: the id of the request and the headers that keep browsers safe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.journal.ids import new_id

REQUEST_ID, POLICY = "x-request-id", "content-security-policy"
SAFE: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""An answer that sets one of these itself keeps its own (pages of the desk have scripts and styles of their own)."""
_PAGES = {
    "/docs": "default-src 'none'; connect-src 'self'; img-src 'self' data: https://fastapi.tiangolo.com; "
    "script-src 'unsafe-inline' https://cdn.jsdelivr.net; style-src 'unsafe-inline' https://cdn.jsdelivr.net",
}
_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}")


_ID, _POLICY = REQUEST_ID.encode(), POLICY.encode()
_SAFE = [(name.encode(), value.encode()) for name, value in SAFE.items()]
_Header = tuple[bytes, bytes]


def request_id(request: Request) -> str:
    """The id of a request, given by the client or made here."""
    return str(request.scope.get("state", {}).get("request_id", ""))


class Headers:
    """Gives each request its id and each answer its headers; strict transport is left to the proxy that has TLS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == _ID), "")
        made = given if _PLAIN.fullmatch(given) else new_id("R")
        scope.setdefault("state", {})["request_id"] = made

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _headed(message.get("headers", ()), made, scope["path"])
            await send(message)

        await self._app(scope, receive, headed)


def _headed(given: Iterable[_Header], made: str, path: str) -> list[_Header]:
    """The headers of an answer with those that every answer carries."""
    kept = [one for one in given if one[0] != _ID]
    there = {name for name, _ in kept}
    kept.append((_ID, made.encode("latin-1")))
    for name, value in _SAFE:
        if name not in there:
            kept.append((name, _PAGES[path].encode() if name == _POLICY and path in _PAGES else value))
    return kept
