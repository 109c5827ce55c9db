"""Policy packs, overrides, reload and audit: duties of officers, approvers and auditors."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from book.errors import Fault, RequestRefused
from policy.parts.classes import CLASSES
from serving import openapi_cases as openapi
from serving.access.approvers import approves
from serving.access.roles import Act
from serving.case_answers import AuditOut, OverrideAsked, PacksOut, PartOut, Reloaded
from serving.holding import access_out, loan_out, override_of
from serving.journal import Override, new_id
from serving.render import day_number
from serving.routes.asked import MOST, Asked
from serving.routes.body import json, read_as, service_of
from serving.routes.entry import Visit, backing_of, enter
from serving.routes.keys import key_of, once
from serving.scorer import Scorer
from serving.service import Made

router = APIRouter(prefix="/v1")
FAR = 10**18


@router.get("/packs", tags=["model"], **openapi.PACKS)
async def packs(request: Request) -> Response:
    """Show the policy pack in force, part by part."""
    await enter(request, Act.READ_PACKS)
    pack = service_of(request).champion.scorer().pack
    parts = [PartOut(p.kind, p.id, p.version, p.valid_from, p.owner, p.source, p.hash) for p in pack.parts]
    return json(PacksOut(pack.id, pack.version, pack.valid_from, pack.hash, parts))


@router.post("/overrides", tags=["loans"], **openapi.OVERRIDE)
async def override(request: Request) -> Response:
    """Keep another decision than the suggested one, with its reason and the second person who agreed."""
    visit, key = await enter(request, Act.OVERRIDE), key_of(request)
    scorer = service_of(request).champion.scorer()
    body, asked = await read_as(request, OverrideAsked)
    return await once(visit, key, body, lambda: overridden(visit, asked, scorer), inline=False)


def overridden(visit: Visit, asked: OverrideAsked, scorer: Scorer) -> Made:
    """An override and its entry. Raises RequestRefused with every fault, NotHeld."""
    pack = scorer.pack
    choices = {
        "tier": (*(step.code for step in pack.tiers), pack.state_d.code),
        "class": CLASSES,
        "action": tuple(pack.treatments.actions),
    }[asked.what]
    faults = []
    if asked.becomes not in choices:
        faults.append(Fault("not_allowed", "it cannot become this", path="becomes", got=asked.becomes[:50],
                            allowed=", ".join(choices)))  # fmt: skip
    if asked.approver.strip().casefold() == visit.actor.name.strip().casefold():
        faults.append(Fault("not_allowed", "nobody approves their own override", path="approver",
                            got=asked.approver, allowed="another person"))  # fmt: skip
    elif not _agreed(visit, asked.approver):
        faults.append(Fault("not_allowed", "nobody of this name may approve", path="approver", got=asked.approver[:50],
                            allowed="the holder of a key or token with the role approver"))  # fmt: skip
    if faults:
        raise RequestRefused(faults)
    latest = loan_out(visit.backing.kept(), visit.backing.memory.runs, asked.loan_id, None, 1, None).latest
    was = {"tier": latest.tier, "class": latest.five_class, "action": latest.action}[asked.what]
    entry = Override(
        override_id=new_id("O"),
        loan_id=asked.loan_id,
        score_id=latest.score_id,
        what=asked.what,
        was=was,
        becomes=asked.becomes,
        reason=asked.reason,
        approved_by=asked.approver,
        expires_on=None if asked.expires_on is None else day_number(asked.expires_on),
        actor=visit.actor.name,
        request_id=visit.request_id,
    )
    return Made(msgspec.json.encode(override_of(entry)), [entry], asked.loan_id)


def _agreed(visit: Visit, approver: str) -> bool:
    """Whether the approver is known and may approve; demo mode without keys knows nobody."""
    door, today = visit.backing.door, datetime.now(UTC).date()
    return visit.actor.proof == "demo" or approves(approver, door, visit.backing.kept(), today)


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
