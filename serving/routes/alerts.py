"""Alerts and their life: open, acknowledged, acted, closed."""

from __future__ import annotations

from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.case_answers import AlertPage, AlertWork
from serving.errors import NotHeld
from serving.holding import alert_out, alert_row
from serving.journal import AlertStep, Conflict
from serving.routes.asked import MOST, Asked, id_of
from serving.routes.body import json, read_as
from serving.routes.entry import Visit, enter
from serving.routes.keys import key_of, once
from serving.service import Made

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
STATUSES: Final = ("open", "acknowledged", "acted", "closed")
BECOMES: Final = {"acknowledge": "acknowledged", "act": "acted", "close": "closed"}
FAR: Final = 10**18


@router.get("", **openapi.ALERTS)
async def alerts(request: Request) -> Response:
    """List alerts, newest first."""
    visit = await enter(request, Act.READ_ALERTS)
    asked = Asked(request, "status", "severity", "rule", "owner", "loan_id", "borrower_id", "limit", "before")
    having = {name: asked.text(name) for name in ("rule", "owner", "loan_id", "borrower_id")}
    having["severity"] = asked.text("severity", ("B", "Y", "O", "R"))
    status, limit = asked.text("status", STATUSES), asked.number("limit", 100, 1, MOST)
    before = asked.number("before", None, 0, FAR)
    asked.whole()
    page = await run_in_threadpool(visit.backing.kept().alerts, status, limit or 100, before, **having)
    await visit.write(subject=having["loan_id"] or having["borrower_id"] or "")
    return json(AlertPage([alert_row(life) for life in page.rows], page.next))


@router.get("/{alert_id}", **openapi.ALERT)
async def alert(request: Request) -> Response:
    """Show one alert with its evidence and its steps."""
    visit = await enter(request, Act.READ_ALERTS)
    alert_id = id_of(request.path_params["alert_id"], "alert")
    made = await run_in_threadpool(alert_out, visit.backing.kept(), alert_id)
    await visit.write(subject=alert_id)
    return json(made)


@router.post("/{alert_id}/acknowledge", **openapi.WORK)
async def acknowledge(request: Request) -> Response:
    """Say that somebody looks into the alert."""
    return await _work(request, "acknowledge")


@router.post("/{alert_id}/act", **openapi.WORK)
async def act(request: Request) -> Response:
    """Say what was done about the alert."""
    return await _work(request, "act")


@router.post("/{alert_id}/close", **openapi.WORK)
async def close(request: Request) -> Response:
    """Close the alert with its outcome, such as cured, false alarm, data."""
    return await _work(request, "close")


async def _work(request: Request, verb: str) -> Response:
    visit, key = await enter(request, Act.WORK_ALERTS), key_of(request)
    alert_id = id_of(request.path_params["alert_id"], "alert")
    body, work = await read_as(request, AlertWork)
    return await once(visit, key, body, lambda: stepped(visit, alert_id, BECOMES[verb], work), inline=False)


def stepped(visit: Visit, alert_id: str, becomes: str, work: AlertWork) -> Made:
    """The next step of an alert. Raises NotHeld, Conflict where it stands elsewhere than the sender thinks."""
    story = visit.backing.kept().alert(alert_id)
    if story is None:
        raise NotHeld(f"alert {alert_id!r}: the journal does not know it")
    life = story.life
    if STATUSES.index(becomes) <= _place(life.status):
        raise Conflict(f"alert {alert_id}: it is {life.status} already and cannot become {becomes}")
    if work.step is not None and work.step != life.step:
        raise Conflict(f"alert {alert_id}: it stands after step {life.step}, the request says {work.step}")
    step = AlertStep(
        alert_id=alert_id,
        step=life.step + 1,
        status=becomes,
        outcome=work.outcome,
        actor=visit.actor.name,
        request_id=visit.request_id,
        note={"reason": work.reason},
    )
    row = msgspec.structs.replace(alert_row(life), status=becomes, step=life.step + 1)
    return Made(msgspec.json.encode(row), [step], alert_id)


def _place(status: str) -> int:
    return STATUSES.index(status) if status in STATUSES else 0
