"""Who is at the desk: the session behind a request, the language of the reader, and forms that nobody else can send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from book.errors import Fault, RequestRefused
from reports.formats import LANGS, Lang
from serving.access.roles import Act, Actor
from serving.access.sessions import COOKIE
from serving.errors import CannotAnswer, WrongMedia
from serving.routes.body import SHORT, read_up_to
from serving.routes.entry import Visit, backing_of, let_in

LANGUAGE = "loanwatch_language"
FORM = "application/x-www-form-urlencoded"
START = "/desk"


class SignInFirst(CannotAnswer):
    """The request carries no session that holds; `back` is where its sender wanted to go."""

    def __init__(self, back: str) -> None:
        super().__init__("sign in first")
        self.back = back


class Forged(CannotAnswer):
    """A form that was not made for the session that sent it."""


@dataclass(frozen=True)
class Seat:
    """A visit to the desk: the visit, and the cookie of its session."""

    visit: Visit
    cookie: str


def session_of(request: Request) -> Actor | None:
    """Who is signed in."""
    cookie = request.cookies.get(COOKIE, "")
    return backing_of(request).door.signed_in(cookie, datetime.now(UTC).date()) if cookie else None


async def sit(request: Request, act: Act) -> Seat:
    """Let a reader in. Raises SignInFirst, Forbidden (kept in the journal) and TooMany."""
    actor = session_of(request)
    if actor is None:
        raise SignInFirst(here(request) if request.method == "GET" else START)
    return Seat(await let_in(request, actor, act), request.cookies.get(COOKIE, ""))


async def form_of(request: Request, seat: Seat) -> Mapping[str, str]:
    """The fields of a form of this session. Raises Forged, RequestRefused, TooLarge, WrongMedia."""
    fields = await plain_form(request)
    sessions = seat.visit.backing.door.sessions
    if not sessions.is_form_token(seat.cookie, fields.get("token", "")):
        raise Forged("the form was made for another session")
    return fields


async def plain_form(request: Request) -> Mapping[str, str]:
    """The fields of a form from a page of ours. Raises Forged where another site sent it, and as `form_of`."""
    media = request.headers.get("content-type", "")
    if media.partition(";")[0].strip().lower() != FORM:
        raise WrongMedia(media)
    _same_site(request)
    body = await read_up_to(request, SHORT)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict",
                          max_num_fields=50)  # fmt: skip
    except ValueError as error:
        raise RequestRefused([Fault("malformed", str(error)[:200], path="form")]) from None
    fields = {name: value.replace("\r\n", "\n").strip() for name, value in pairs}
    if any("\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value) for value in fields.values()):
        raise RequestRefused([Fault("malformed", "a text holds characters that cannot be kept", path="form")])
    return fields


def _same_site(request: Request) -> None:
    """Browsers say where a form comes from: where they do, it must be us."""
    origin, fetched = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if fetched not in (None, "same-origin", "none") or (
        fetched is None and origin not in (None, "null") and urlsplit(origin).netloc != request.headers.get("host")
    ):
        raise Forged("the form came from another site")


def language_of(request: Request) -> Lang:
    """The language chosen, else the first of ours that the browser asks for, else English."""
    chosen = request.cookies.get(LANGUAGE)
    for lang in LANGS:
        if chosen == lang:
            return lang
    for wanted in request.headers.get("accept-language", "").lower().split(","):
        for lang in LANGS:
            if wanted.strip().partition(";")[0].partition("-")[0] == lang:
                return lang
    return "en"


def here(request: Request) -> str:
    """The address asked for, with its query."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def inside(address: str) -> str:
    """An address of the desk to go on to; the start of the desk for any other."""
    path = address.partition("?")[0]
    plain = address.isascii() and address.isprintable() and "\\" not in address and "//" not in path
    return address if plain and (path == START or path.startswith(START + "/")) else START
