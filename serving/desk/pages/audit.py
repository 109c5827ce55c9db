"""The audit: who looked at what and decided what."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving.access.roles import Act
from serving.desk.answering import DeskRoute, frame_of, page
from serving.desk.entry import sit

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
SIZE = 50


@dataclass(frozen=True)
class Seen:
    """One request that was kept."""

    at: int
    actor: str
    roles: str
    method: str
    path: str
    subject: str
    status: int


@router.get("/audit")
async def audit(request: Request) -> Response:
    """Requests, newest first."""
    seat = await sit(request, Act.AUDIT)
    text = request.query_params.get("before", "")
    before = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
    found = await run_in_threadpool(seat.visit.backing.kept().accesses, SIZE, before)
    await seat.visit.write()
    frame = frame_of(request)
    rows = [
        Seen(
            kept.at, kept.entry.actor,
            frame.labels.joined([frame.words.name("desk.role", role) for role in kept.entry.role.split(",") if role]),
            kept.entry.method, kept.entry.path, kept.entry.subject, kept.entry.status,
        )
        for kept in found.rows
    ]  # fmt: skip
    older = f"/desk/audit?before={found.next}" if found.next else None
    return page(request, "audit", "audit", rows=rows, older=older, newest="/desk/audit" if before else None)
