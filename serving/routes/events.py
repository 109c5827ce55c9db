"""New facts about known loans, between two nights."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.errors import NoStore
from serving.events import EventDesk
from serving.journal import now_us
from serving.journal.alone import hold
from serving.routes.body import read_json, service_of
from serving.routes.entry import Visit, enter
from serving.routes.keys import key_of, once
from serving.service import Made, Service

router = APIRouter(prefix="/v1", tags=["events"])
ONE_AT_A_TIME = "events"


@router.post("/events", **openapi.EVENTS)
async def take(request: Request) -> Response:
    """Take in new payments, failed debits, transactions, bureau snapshots and public events; fire rules at once."""
    visit, service, key = await enter(request, Act.SEND_EVENTS), service_of(request), key_of(request)
    journal = visit.backing.kept()
    visit.backing.book()
    body = await read_json(request, service.limits.body_bytes)
    async with request.app.state.one_event:  # the next one, of any process, sees what this one has written
        with await run_in_threadpool(hold, journal, ONE_AT_A_TIME):
            return await once(visit, key, body, lambda: _taken(visit, service, body), inline=False)


def _taken(visit: Visit, service: Service, body: bytes) -> Made:
    backing = visit.backing
    if backing.incoming is None:
        raise NoStore
    store = backing.book()
    desk = EventDesk(store, backing.incoming, backing.memory, service.messages)
    received_at = backing.incoming.moment(now_us(), store.generation.cutoff)
    return desk.take(body, service.champion.scorer(), visit.asker_as("event"), received_at)
