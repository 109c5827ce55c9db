"""The HTTP application: routes, errors as problem details, and the watch over the champion."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.openapi import DESCRIPTION, document
from serving.problems import MEDIA, STATUS, Problem, plain, problem
from serving.routes import health, model, scores
from serving.service import Service

log = logging.getLogger("loanwatch.app")
VERSION = "1"
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_WHERE = {
    404: "there is nothing at {path}; /openapi.json lists the addresses",
    405: "{method} is not answered at {path}; allowed: {allowed}",
}


def create_app(service: Service, watch_every: float = 1.0) -> FastAPI:
    """The application around `service`; looks for a new champion every `watch_every` seconds."""
    app = FastAPI(title="Loanwatch", version=VERSION, description=DESCRIPTION, lifespan=_watched(service, watch_every))
    app.state.service = service
    for router in (scores.router, model.router, health.router):
        app.include_router(router)
    for kind in STATUS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(HTTPException, _bare)
    app.add_exception_handler(Exception, _unexpected)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


def _watched(service: Service, every: float) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        await run_in_threadpool(service.champion.refresh)
        watcher = threading.Thread(target=service.champion.watch, args=(stop, every), daemon=True)
        watcher.start()
        yield
        stop.set()

    return lifespan


async def _known(_: Request, error: Exception) -> Response:
    answer = problem(error)
    return _respond(answer, {"retry-after": "5"} if answer.status == 503 else None)


async def _bare(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return await _unexpected(request, error)
    headers = dict(error.headers or {})
    detail = _WHERE.get(error.status_code, "{detail}").format(
        method=request.method, path=request.url.path, detail=error.detail, allowed=headers.get("Allow", "")
    )
    return _respond(plain(error.status_code, detail), headers)


async def _unexpected(_: Request, error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return _respond(plain(500, "The service failed; the cause is in its log."))


def _respond(answer: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(answer), answer.status, headers, MEDIA)
