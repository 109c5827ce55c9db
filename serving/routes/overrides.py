"""Deciding otherwise than suggested: propose, look at what waits, approve or decline."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.case_answers import OverrideAnswered, OverrideAsked, OverridePage
from serving.errors import Forbidden
from serving.holding import overrides_out
from serving.journal.entry import APPROVED, DECLINED, PROPOSED
from serving.overrides import answered, proposed
from serving.routes.asked import MOST, Asked, id_of
from serving.routes.body import json, read_as, service_of
from serving.routes.entry import enter
from serving.routes.keys import key_of, once

router = APIRouter(prefix="/v1/overrides", tags=["overrides"])
STATUSES = (PROPOSED, APPROVED, DECLINED)
FAR = 10**18


@router.post("", **openapi.OVERRIDE)
async def propose(request: Request) -> Response:
    """Propose another decision than the suggested one; it takes effect when another person approves it."""
    visit, key = await enter(request, Act.OVERRIDE), key_of(request)
    scorer = service_of(request).champion.scorer()
    body, asked = await read_as(request, OverrideAsked)
    return await once(visit, key, body, lambda: proposed(visit, asked, scorer), inline=False)


@router.get("", **openapi.OVERRIDES)
async def overrides(request: Request) -> Response:
    """List overrides with their answers, newest first."""
    visit = await enter(request, Act.READ_LOANS)
    asked = Asked(request, "status", "loan_id", "actor", "limit", "before")
    having = {name: asked.text(name) for name in ("loan_id", "actor")}
    status, limit = asked.text("status", STATUSES), asked.number("limit", 100, 1, MOST)
    before = asked.number("before", None, 0, FAR)
    asked.whole()
    journal = visit.backing.kept()
    found, following = await run_in_threadpool(overrides_out, journal, status, limit or 100, before, **having)
    await visit.write(subject=having["loan_id"] or "")
    return json(OverridePage(found, following))


@router.post("/{override_id}/approve", **openapi.OVERRIDE_ANSWER)
async def approve(request: Request) -> Response:
    """Approve what another person proposed: it takes effect."""
    return await _answer(request, "approve")


@router.post("/{override_id}/decline", **openapi.OVERRIDE_ANSWER)
async def decline(request: Request) -> Response:
    """Decline what another person proposed."""
    return await _answer(request, "decline")


async def _answer(request: Request, verb: str) -> Response:
    visit, key = await enter(request, Act.APPROVE), key_of(request)
    override_id = id_of(request.path_params["override_id"], "override")
    body, asked = await read_as(request, OverrideAnswered)
    try:
        return await once(visit, key, body, lambda: answered(visit, override_id, verb, asked), inline=False)
    except Forbidden:
        await visit.write(subject=override_id, status=403)
        raise
