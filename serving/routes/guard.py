"""The contact guard: may a borrower be contacted now?"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi_cases as openapi
from serving.access.roles import Act
from serving.case_answers import ContactAsked
from serving.contacts import ask_guard
from serving.errors import NotHeld
from serving.journal import now_us
from serving.routes.body import read_as, service_of
from serving.routes.entry import enter
from serving.routes.keys import key_of, once

router = APIRouter(prefix="/v1/guard", tags=["guard"])


@router.post("/contact", **openapi.GUARD)
async def contact(request: Request) -> Response:
    """Say whether a contact may be made, with every reason why not; the question is kept in the journal."""
    visit, key = await enter(request, Act.ASK_GUARD), key_of(request)
    backing, scorer = visit.backing, service_of(request).champion.scorer()
    backing.kept()
    store = backing.book()
    body, asked = await read_as(request, ContactAsked)
    if asked.at is None:
        asked = msgspec.structs.replace(asked, at=datetime.now(UTC))
    try:
        return await once(
            visit, key, body, lambda: ask_guard(asked, store, scorer, visit.asker, now_us()), inline=False
        )
    except LookupError as error:
        raise NotHeld(str(error.args[0] if error.args else error)) from None
