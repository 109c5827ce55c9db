"""Pages as responses: the frame of the reader, headers that let a page do no more than it must, and faults as pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import urlencode

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from book.errors import RequestRefused
from book.settings import Settings
from policy.guard import GuardRefused
from reports.desk.frame import Frame, Place, desk_page
from reports.desk.labels import Labels
from reports.wording import wording
from serving.access.roles import Act, Actor
from serving.access.sessions import COOKIE
from serving.desk.entry import Forged, SignInFirst, here, language_of, session_of
from serving.errors import Forbidden, NoJournal, NotHeld, TooLarge, TooMany, WrongMedia
from serving.journal import Conflict
from serving.problems import STATUS
from serving.routes.body import service_of
from serving.routes.entry import backing_of
from serving.routes.headers import request_id

log = logging.getLogger("loanwatch.desk")
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
PLACES: Final = (
    ("queue", "/desk/queue", Act.READ_QUEUE),
    ("alerts", "/desk/alerts", Act.READ_ALERTS),
    ("loans", "/desk/loans", Act.READ_LOANS),
    ("decisions", "/desk/decisions", Act.READ_LOANS),
    ("book", "/desk/book/", Act.READ_BOOK),
    ("model", "/desk/model/", Act.READ_BOOK),
    ("audit", "/desk/audit", Act.AUDIT),
    ("help", "/desk/help", None),
)
"""The places of the desk, and what one must be allowed to do there; help is for everybody."""
_KINDS: Final[dict[type[Exception], tuple[int, str]]] = {
    Forbidden: (403, "forbidden"),
    Forged: (403, "forged"),
    NotHeld: (404, "missing"),
    RequestRefused: (422, "form"),
    GuardRefused: (422, "form"),
    WrongMedia: (415, "form"),
    TooLarge: (413, "large"),
    Conflict: (409, "conflict"),
    TooMany: (429, "busy"),
    NoJournal: (503, "no_journal"),
}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DeskRoute(APIRoute):
    """A route whose faults are pages in the reader's language."""

    def get_route_handler(self) -> Handler:
        """The handler of the route."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except SignInFirst as first:
                return go_to("/desk/sign-in?" + urlencode({"next": first.back}))
            except Exception as error:  # noqa: BLE001  every fault becomes a page
                return trouble(request, error)

        return answered


def page(request: Request, template: str, at: str = "", status: int = 200, **names: object) -> Response:
    """A page as a response; `at` is the place of the navigation it belongs to."""
    text = desk_page(template, frame_of(request, at), **names)
    return Response(text, status, {"content-security-policy": POLICY}, "text/html; charset=utf-8")


def frame_of(request: Request, at: str = "") -> Frame:
    """The frame of a page for whoever asks."""
    actor, lang, backing = session_of(request), language_of(request), backing_of(request)
    scorer = service_of(request).champion.state.scorer
    settings = scorer.settings if scorer else Settings()
    words = wording(lang, settings.currency, settings.timezone)
    return Frame(
        words=words,
        labels=Labels(words, scorer.pack if scorer else None),
        here=here(request) if request.method == "GET" else "/desk",
        actor=actor.name if actor else "",
        roles=tuple(sorted(actor.roles)) if actor else (),
        places=places(actor) if actor else (),
        at=at,
        token=backing.door.sessions.form_token(request.cookies.get(COOKIE, "")) if actor else "",
        demo=backing.door.demo,
    )


def places(actor: Actor) -> tuple[Place, ...]:
    """Where an actor may go."""
    return tuple(Place(key, address) for key, address, act in PLACES if act is None or actor.may(act))


def go_to(address: str) -> Response:
    """Send the browser on to another page, with GET."""
    return Response(None, 303, {"location": address})


def download(text: str, name: str) -> Response:
    """A CSV file to save."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), 200, headers, "text/csv; charset=utf-8")


def trouble(request: Request, error: Exception) -> Response:
    """The page that says what went wrong, and what to do."""
    status, kind = _kind(error)
    if status == 500:
        log.error("request %s failed", request_id(request), exc_info=error)
    frame = frame_of(request)
    roles = frame.labels.joined([frame.words.name("desk.role", role) for role in frame.roles])
    told = _technical(error) if kind in ("form", "away") else []
    answer = page(
        request, "trouble", status=status, kind=kind, values={"roles": roles} if kind == "forbidden" else {},
        request_id=request_id(request), number=status, faults=told,
    )  # fmt: skip
    if status in (429, 503):
        answer.headers["retry-after"] = "5"
    return answer


def _kind(error: Exception) -> tuple[int, str]:
    """The status of an error and the key of its words."""
    if type(error) in _KINDS:
        return _KINDS[type(error)]
    if isinstance(error, HTTPException):
        return error.status_code, {404: "missing", 405: "method"}.get(error.status_code, "form")
    status = STATUS[type(error)][0] if type(error) in STATUS else 500
    return status, {503: "away", 500: "broken"}.get(status, "form")


def _technical(error: Exception) -> list[str]:
    if isinstance(error, RequestRefused):
        return [f"{fault.path}: {fault.what}"[:300] for fault in error.faults]
    return [str(error)[:300]]
