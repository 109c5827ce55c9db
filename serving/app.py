"""The HTTP application: routes, errors as problem details, and the watch over the champion."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from math import ceil

import msgspec
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.access.door import door_from_environment
from serving.backing import Backing
from serving.desk.desk import Desk, DeskOptions
from serving.desk.routers import DESK
from serving.errors import TooMany
from serving.metrics import Metrics
from serving.openapi import DESCRIPTION, document
from serving.problems import MEDIA, STATUS, Problem, plain, problem
from serving.routes import alerts, duties, events, guard, health, loans, model, overrides, reviews, scores
from serving.routes.direct import Direct
from serving.routes.gather import Gatherer
from serving.routes.headers import REQUEST_ID, SAFE, Headers, request_id
from serving.service import Service

log = logging.getLogger("loanwatch.app")
VERSION = "1"
API = (scores, events, loans, alerts, guard, model, overrides, reviews, duties, health)
ROUTERS = (*(one.router for one in API), *DESK)
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_WITH = {401: {"www-authenticate": 'Bearer realm="loanwatch"'}, 503: {"retry-after": "5"}}
_WHERE = {
    404: "there is nothing at {path}; /openapi.json lists the addresses",
    405: "{method} is not answered at {path}; allowed: {allowed}",
}


def create_app(
    service: Service, watch_every: float = 1.0, backing: Backing | None = None, desk: DeskOptions | None = None
) -> FastAPI:
    """The application around `service`; looks for a new champion every `watch_every` seconds.

    Without `backing` the door is as the environment says, and nothing is kept.
    """
    behind = backing or Backing(door_from_environment())
    pages = Desk.over(service, behind, desk or DeskOptions())
    lifespan = _watched(service, behind, pages, watch_every)
    app = FastAPI(title="Loanwatch", version=VERSION, description=DESCRIPTION, lifespan=lifespan, redoc_url=None)
    app.state.service, app.state.backing, app.state.desk = service, behind, pages
    app.state.one_event, app.state.gatherer = asyncio.Lock(), Gatherer(service.several)
    app.add_middleware(Direct, routers=[scores.router, events.router], handlers=app.exception_handlers)
    app.add_middleware(Metrics, champion=service.champion, backing=behind)
    app.add_middleware(Headers)
    for router in ROUTERS:
        app.include_router(router)
    for kind in STATUS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(HTTPException, _bare)
    app.add_exception_handler(Exception, _unexpected)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


def _watched(service: Service, backing: Backing, desk: Desk, every: float) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        threading.Thread(target=desk.watch, args=(stop,), daemon=True).start()  # reads the night meanwhile
        await run_in_threadpool(service.champion.refresh)
        for watch in (service.champion.watch, backing.watch):
            threading.Thread(target=watch, args=(stop, every), daemon=True).start()
        yield
        stop.set()
        await run_in_threadpool(backing.close)

    return lifespan


async def _known(_: Request, error: Exception) -> Response:
    answer = problem(error)
    headers = dict(_WITH.get(answer.status, {}))
    if isinstance(error, TooMany):
        headers["retry-after"] = str(ceil(error.wait))
    return _respond(answer, headers)


async def _bare(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return await _unexpected(request, error)
    headers = dict(error.headers or {})
    detail = _WHERE.get(error.status_code, "{detail}").format(
        method=request.method, path=request.url.path, detail=error.detail, allowed=headers.get("Allow", "")
    )
    return _respond(plain(error.status_code, detail), headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request %s failed", request_id(request), exc_info=error)
    told = plain(500, "The service failed; the cause is in its log.")
    return _respond(told, {**SAFE, REQUEST_ID: request_id(request)})


def _respond(answer: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(answer), answer.status, headers, MEDIA)
