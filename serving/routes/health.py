"""Is the process alive, and can it score?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving.answers import Alive, Ready
from serving.errors import NoChampion
from serving.journal import JournalDown
from serving.openapi import ALIVE, READY
from serving.routes.body import json, service_of
from serving.routes.entry import backing_of

router = APIRouter(tags=["health"])


@router.get("/healthz", **ALIVE)
async def alive(_: Request) -> Response:
    """Say that the process answers."""
    return json(Alive("alive"))


@router.get("/readyz", **READY)
async def ready(request: Request) -> Response:
    """Say which model answers, and why a newer one does not; 503 while nothing could be kept."""
    journal = backing_of(request).journal
    trouble = await run_in_threadpool(journal.healthy) if journal else None
    if trouble:
        raise JournalDown(trouble)
    state = service_of(request).champion.state
    if state.scorer is None:
        raise NoChampion(state.refused or "no model has been read yet")
    return json(Ready("ready", state.scorer.bundle.id, state.refused))
