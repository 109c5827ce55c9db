"""Routes that are asked many times a second, answered without the framework's way to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class Direct:
    """Calls the functions of some routers' routes at their exact addresses; everything else goes on as it did.

    Only for functions that take the request alone and give a whole response: what a framework would look up about
    their parameters, at every request, is known before. Errors are answered by the same handlers.
    """

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter], handlers: Mapping[Any, ExceptionHandler]) -> None:
        self._app = app
        known = {kind: handler for kind, handler in handlers.items() if kind is not Exception}  # that one is outside
        self._here = {
            (method, route.path): (route, ExceptionMiddleware(_answering(route.endpoint), known))
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = self._here.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], answer = found
        await answer(scope, receive, send)


def _answering(endpoint: Endpoint) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    return answer
