"""What is known of a loan, and which loans to look at first."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.holding import loan_out
from serving.queue import queue_out
from serving.routes.asked import MOST, Asked, id_of
from serving.routes.body import json, service_of
from serving.routes.entry import enter

router = APIRouter(prefix="/v1", tags=["loans"])
CAPACITY = 100
FAR = 10**18


@router.get("/loans/{loan_id}", **openapi.LOAN)
async def loan(request: Request) -> Response:
    """Show the newest score of a loan with its reasons, why it moved, earlier scores and overrides."""
    visit = await enter(request, Act.READ_LOANS)
    loan_id, asked = id_of(request.path_params["loan_id"], "loan"), Asked(request, "limit", "before")
    limit, before = asked.number("limit", 20, 1, MOST), asked.number("before", None, 0, FAR)
    asked.whole()
    scorer = service_of(request).champion.state.scorer
    backing = visit.backing
    journal, runs = backing.kept(), backing.memory.runs
    made = await run_in_threadpool(loan_out, journal, runs, loan_id, scorer, limit or 20, before, backing.store)
    await visit.write(subject=loan_id)
    return json(made)


@router.get("/queue", **openapi.QUEUE)
async def queue(request: Request) -> Response:
    """Rank loans by PD times exposure, as many as `capacity` says."""
    visit = await enter(request, Act.READ_QUEUE)
    asked = Asked(request, "capacity")
    capacity = asked.number("capacity", CAPACITY, 1, 10_000)
    asked.whole()
    made = await run_in_threadpool(queue_out, visit.backing.kept(), visit.backing.memory.runs, capacity or CAPACITY)
    await visit.write()
    return json(made)
