"""Signing in and out, the language, and the files that every page asks for."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reports.desk.assets import assets
from reports.formats import LANGS
from serving.access.roles import Actor, Role
from serving.access.sessions import COOKIE, HOURS
from serving.desk.answering import DeskRoute, go_to, page, places
from serving.desk.entry import LANGUAGE, START, Forged, inside, plain_form, session_of
from serving.routes.entry import Visit, backing_of
from serving.routes.headers import request_id

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
YEAR = 365 * 24 * 3600
ROLES = ("officer", "approver", "monitor", "auditor", "scientist")


@router.get("")
@router.get("/")
async def start(request: Request) -> Response:
    """Go to the first place of whoever is signed in."""
    actor = session_of(request)
    return go_to(places(actor)[0].address if actor else "/desk/sign-in")


@router.get("/sign-in")
async def sign_in(request: Request) -> Response:
    """Show how to sign in."""
    back = inside(request.query_params.get("next", ""))
    if session_of(request) is not None:
        return go_to(back)
    why = {"left": "sign_left"}.get(request.query_params.get("why", ""), "sign_again" if back != START else "")
    return _asked(request, back, why)


@router.post("/sign-in")
async def signed_in(request: Request) -> Response:
    """Exchange an API key, in demonstrations a role, for a session."""
    fields, door = await plain_form(request), backing_of(request).door
    back, cookie = inside(fields.get("next", "")), None
    role = fields.get("role", "")
    if door.demo and role in set(Role):
        cookie = door.sessions.begin(Actor(f"demo-{role}", frozenset({Role(role)}), "session"))
    elif fields.get("key"):
        cookie = door.begin(fields["key"], datetime.now(UTC).date())
    if cookie is None:
        await _trace(request, Actor("", frozenset(), ""), 401)
        return _asked(request, back, "sign_wrong", 401)
    actor = door.sessions.actor(cookie)
    if actor is not None:
        await _trace(request, actor, 303)
    answer = go_to(back)
    answer.set_cookie(COOKIE, cookie, HOURS * 3600, path=START, secure=_secure(request), httponly=True, samesite="lax")
    return answer


@router.post("/sign-out")
async def signed_out(request: Request) -> Response:
    """End the session in this browser."""
    fields = await plain_form(request)
    cookie = request.cookies.get(COOKIE, "")
    if session_of(request) and not backing_of(request).door.sessions.is_form_token(cookie, fields.get("token", "")):
        raise Forged("the form was made for another session")
    answer = go_to("/desk/sign-in?why=left")
    answer.delete_cookie(COOKIE, path=START)
    return answer


@router.get("/language")
async def language(request: Request) -> Response:
    """Choose a language and go back."""
    answer = go_to(inside(request.query_params.get("back", "")))
    wanted = request.query_params.get("to")
    if wanted in LANGS:
        answer.set_cookie(LANGUAGE, wanted, YEAR, path=START, secure=_secure(request), httponly=True, samesite="lax")
    return answer


@router.get("/static/{name}")
async def static(request: Request) -> Response:
    """A style, the script or the mark; the address changes with the content, so browsers may keep it."""
    found = assets().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    kept = f"public, max-age={YEAR}, immutable" if request.query_params.get("v") == found.mark else "no-cache"
    return Response(found.content, 200, {"cache-control": kept}, found.media)


def _asked(request: Request, back: str, why: str, status: int = 200) -> Response:
    roles = ROLES if backing_of(request).door.demo else ()
    return page(request, "sign_in", status=status, hours=HOURS, roles=roles, next=back, why=why)


async def _trace(request: Request, actor: Actor, status: int) -> None:
    """Keep in the journal that somebody signed in, or tried to."""
    visit = Visit(actor, request_id(request), request.method, request.url.path, backing_of(request))
    await visit.write(status=status)


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
