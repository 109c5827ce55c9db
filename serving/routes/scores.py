"""Scores of one borrower's loans, and of many borrowers at once."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi
from serving.access.roles import Act
from serving.routes.body import read_json, service_of
from serving.routes.entry import enter
from serving.routes.gather import Gatherer
from serving.routes.keys import answered, key_of, once, sent
from serving.service import Question

router = APIRouter(prefix="/v1", tags=["scores"])


@router.post("/scores", **openapi.SCORES)
async def score_borrower(request: Request) -> Response:
    """Score loans of one borrower from its raw tables, and say what follows from it."""
    visit, service, key = await enter(request, Act.SCORE), service_of(request), key_of(request)
    service.champion.scorer()
    body = await read_json(request, service.limits.body_bytes)
    if len(body) > service.limits.inline_bytes:
        return await once(visit, key, body, lambda: service.one(body, visit.asker), inline=False)
    earlier = await answered(visit, key, body)
    if earlier is not None:
        return earlier
    gatherer: Gatherer = request.app.state.gatherer
    return await gatherer.answered(Question(body, visit.asker), lambda made: sent(visit, key, body, made))


@router.post("/scores/batch", **openapi.BATCH)
async def score_batch(request: Request) -> Response:
    """Score loans of 1 to 1,000 borrowers; a fault in one does not touch the others."""
    visit, service, key = await enter(request, Act.SCORE), service_of(request), key_of(request)
    service.champion.scorer()
    body = await read_json(request, service.limits.batch_bytes)
    inline = len(body) <= service.limits.inline_bytes
    return await once(visit, key, body, lambda: service.many(body, visit.asker), inline)
