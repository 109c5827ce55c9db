"""Policy packs, reload and audit: duties of approvers and auditors."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.case_answers import AuditOut, PacksOut, PartOut, Reloaded
from serving.holding import access_out
from serving.routes.asked import MOST, Asked
from serving.routes.body import json, service_of
from serving.routes.entry import backing_of, enter

router = APIRouter(prefix="/v1")
FAR = 10**18


@router.get("/packs", tags=["model"], **openapi.PACKS)
async def packs(request: Request) -> Response:
    """Show the policy pack in force, part by part."""
    await enter(request, Act.READ_PACKS)
    pack = service_of(request).champion.scorer().pack
    parts = [PartOut(p.kind, p.id, p.version, p.valid_from, p.owner, p.source, p.hash) for p in pack.parts]
    return json(PacksOut(pack.id, pack.version, pack.valid_from, pack.hash, parts))


@router.post("/admin/reload", tags=["administration"], **openapi.RELOAD)
async def reload(request: Request) -> Response:
    """Look at once for a new champion and a new night of the book; nobody has to wait for the watch."""
    visit, service, backing = await enter(request, Act.ADMINISTER), service_of(request), backing_of(request)
    state = await run_in_threadpool(service.champion.refresh)
    book = None
    if backing.store is not None:
        await run_in_threadpool(backing.store.refresh)
        book = backing.store.generation.id
    await visit.write()
    return json(Reloaded(state.scorer.bundle.id if state.scorer else None, state.refused, book))


@router.get("/audit", tags=["administration"], **openapi.AUDIT)
async def audit(request: Request) -> Response:
    """Show who asked for what, newest first."""
    visit = await enter(request, Act.AUDIT)
    asked = Asked(request, "actor", "subject", "request_id", "limit", "before")
    having = {name: asked.text(name) for name in ("actor", "subject", "request_id")}
    limit, before = asked.number("limit", 100, 1, MOST), asked.number("before", None, 0, FAR)
    asked.whole()
    page = await run_in_threadpool(visit.backing.kept().accesses, limit or 100, before, **having)
    await visit.write(subject=having["subject"] or "")
    return json(AuditOut([access_out(kept) for kept in page.rows], page.next))
