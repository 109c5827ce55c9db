"""New facts about known loans, between two nights."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.errors import NoStore
from serving.events import EventDesk
from serving.journal import now_us
from serving.routes.body import read_json, service_of
from serving.routes.entry import Visit, enter
from serving.routes.keys import key_of, once
from serving.service import Made, Service

router = APIRouter(prefix="/v1", tags=["events"])


@router.post("/events", **openapi.EVENTS)
async def take(request: Request) -> Response:
    """Take in new payments, failed debits, transactions, bureau snapshots and public events; fire rules at once."""
    visit, service, key = await enter(request, Act.SEND_EVENTS), service_of(request), key_of(request)
    visit.backing.kept()
    visit.backing.book()
    body = await read_json(request, service.limits.body_bytes)
    async with request.app.state.one_event:  # the next one sees what this one has written
        return await once(visit, key, body, lambda: _taken(visit, service, body), inline=False)


def _taken(visit: Visit, service: Service, body: bytes) -> Made:
    backing = visit.backing
    if backing.incoming is None:
        raise NoStore
    desk = EventDesk(backing.book(), backing.incoming, backing.memory)
    return desk.take(body, service.champion.scorer(), visit.asker_as("event"), now_us())
