"""Scores of one borrower's loans, and of many borrowers at once."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi
from serving.routes.body import answer, read_json, service_of

router = APIRouter(prefix="/v1", tags=["scores"])


@router.post("/scores", **openapi.SCORES)
async def score_borrower(request: Request) -> Response:
    """Score loans of one borrower from its raw tables."""
    service = service_of(request)
    service.champion.scorer()
    body = await read_json(request, service.limits.body_bytes)
    return await answer(service.one, body, service.limits.inline_bytes)


@router.post("/scores/batch", **openapi.BATCH)
async def score_batch(request: Request) -> Response:
    """Score loans of 1 to 1,000 borrowers; a fault in one does not touch the others."""
    service = service_of(request)
    service.champion.scorer()
    body = await read_json(request, service.limits.batch_bytes)
    return await answer(service.many, body, service.limits.inline_bytes)
