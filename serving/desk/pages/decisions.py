"""Decisions of people: what waits for another person, what was answered, and the answer."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving.access.roles import Act
from serving.case_answers import OverrideAnswered
from serving.desk.answering import DeskRoute, frame_of, go_to, page
from serving.desk.entry import Seat, form_of, sit
from serving.desk.faulty import Faulty, long
from serving.desk.held import decided
from serving.errors import Forbidden, NotHeld
from serving.holding import overrides_out
from serving.journal.entry import APPROVED, DECLINED, PROPOSED
from serving.overrides import ANSWERS, answered
from serving.routes.asked import id_of

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
STATES: Final = (PROPOSED, APPROVED, DECLINED)
SIZE: Final = 50


@router.get("/decisions")
async def decisions(request: Request) -> Response:
    """Decisions in a state, those that wait first; whoever may approve can answer those of others."""
    seat = await sit(request, Act.READ_LOANS)
    done = request.query_params.get("done", "")
    answer = await _listed(request, seat, done=done if done in (APPROVED, DECLINED) else "")
    await seat.visit.write()
    return answer


@router.post("/decisions/{override_id}")
async def answer(request: Request) -> Response:
    """Approve or decline what another person proposed."""
    seat = await sit(request, Act.APPROVE)
    fields, override_id = await form_of(request, seat), id_of(request.path_params["override_id"], "override")
    words, verb, reason = frame_of(request).words, fields.get("verb", ""), fields.get("reason", "")
    faults = [] if verb in ANSWERS else [Faulty("verb", words("desk.fault_answer"))]
    faults += [] if reason else [Faulty("reason", words("desk.fault_reason"))]
    faults += long("reason", reason, words)
    if faults:
        return await _listed(request, seat, 422, faults, {"id": override_id, "reason": reason})
    try:
        made = await run_in_threadpool(answered, seat.visit, override_id, verb, OverrideAnswered(reason))
    except Forbidden:
        await seat.visit.write(subject=override_id, status=403)
        raise
    await seat.visit.write(*made.entries, subject=made.subject, status=303)
    return go_to(f"/desk/decisions?done={ANSWERS[verb]}")


@router.get("/decisions/{override_id}")
async def back_to_decisions(request: Request) -> Response:
    """Forms are sent to these addresses; whoever comes again is sent to the list."""
    if not request.path_params["override_id"].isprintable():
        raise NotHeld("override: no such id")
    return go_to("/desk/decisions")


async def _listed(
    request: Request,
    seat: Seat,
    status: int = 200,
    faults: list[Faulty] | None = None,
    given: dict[str, Any] | None = None,
    done: str = "",
) -> Response:
    asked, before = request.query_params.get("status", ""), request.query_params.get("before", "")
    state = asked if asked in STATES else PROPOSED
    start = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found, following = await run_in_threadpool(overrides_out, seat.visit.backing.kept(), state, SIZE, start)
    frame, actor = frame_of(request, "decisions"), seat.visit.actor
    may = {one.override_id for one in found if actor.may(Act.APPROVE) and one.actor.casefold() != actor.name.casefold()}
    return page(
        request, "decisions", "decisions", status, lines=[decided(one, frame.labels) for one in found], state=state,
        states=STATES, may=may, faults=faults or [], given=given or {"id": "", "reason": ""}, done=done,
        older=f"/desk/decisions?status={state}&before={following}" if following else "",
    )  # fmt: skip
