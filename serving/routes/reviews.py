"""Reviews that borrowers ask for: enter one, look at them, close one with its outcome."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.review_answers import ReviewAsked, ReviewDone, ReviewPage
from serving.reviews import asked_for, closed, reviews_out
from serving.routes.asked import MOST, Asked, id_of
from serving.routes.body import json, read_as
from serving.routes.entry import enter
from serving.routes.keys import key_of, once

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
FAR: Final = 10**18


@router.post("", **openapi.REVIEW)
async def ask(request: Request) -> Response:
    """Keep that a borrower asks for a person to look at what was said of a loan."""
    visit, key = await enter(request, Act.REVIEW), key_of(request)
    body, asked = await read_as(request, ReviewAsked)
    return await once(visit, key, body, lambda: asked_for(visit, asked), inline=False)


@router.get("", **openapi.REVIEWS)
async def reviews(request: Request) -> Response:
    """List reviews with their outcomes, newest first."""
    visit = await enter(request, Act.READ_LOANS)
    asked = Asked(request, "status", "loan_id", "limit", "before")
    status, loan_id = asked.text("status", ("open", "closed")), asked.text("loan_id")
    limit, before = asked.number("limit", 100, 1, MOST), asked.number("before", None, 0, FAR)
    asked.whole()
    journal = visit.backing.kept()
    found, following = await run_in_threadpool(reviews_out, journal, status, limit or 100, before, loan_id)
    await visit.write(subject=loan_id or "")
    return json(ReviewPage(found, following))


@router.post("/{review_id}/close", **openapi.REVIEW_DONE)
async def close(request: Request) -> Response:
    """Close a review with what a person found."""
    visit, key = await enter(request, Act.REVIEW), key_of(request)
    review_id = id_of(request.path_params["review_id"], "review")
    body, done = await read_as(request, ReviewDone)
    return await once(visit, key, body, lambda: closed(visit, review_id, done), inline=False)
