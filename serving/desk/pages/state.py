"""The state of the book and of the model: pages that `portfolio` and `monitor` wrote, with their files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from reports.desk.written import written_body, written_file
from serving.access.roles import Act
from serving.desk.answering import DeskRoute, download, go_to, page
from serving.desk.desk import desk_of
from serving.desk.entry import language_of, sit
from serving.errors import Forbidden, NotHeld

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
COMMANDS: Final = {
    "book": ("loanwatch portfolio BOOK --to 2026-10 --out out/portfolio", "loanwatch serve --portfolio out/portfolio"),
    "model": ("loanwatch monitor BOOK --from 2026-05 --to 2026-10 --out out/monitor",
              "loanwatch serve --monitor out/monitor"),
}  # fmt: skip


@router.get("/book")
@router.get("/model")
async def whole(request: Request) -> Response:
    """Go to the address from which the files beside the page are found."""
    return go_to(request.url.path + "/")


@router.get("/book/")
@router.get("/model/")
async def state(request: Request) -> Response:
    """The page in the reader's language, or how to have it written."""
    seat, which = await sit(request, Act.READ_BOOK), request.url.path.split("/")[2]
    folder = _folder(request, which)
    body = await run_in_threadpool(written_body, folder, language_of(request)) if folder else None
    await seat.visit.write()
    return page(request, "state", which, which=which, body=body, commands=COMMANDS[which])


@router.get("/book/{name:path}")
@router.get("/model/{name:path}")
async def file(request: Request) -> Response:
    """A file of figures; those that name loans are for roles that may read loans."""
    seat, which, name = await sit(request, Act.READ_BOOK), request.url.path.split("/")[2], request.path_params["name"]
    if name.startswith("rows/") and not seat.visit.actor.may(Act.READ_LOANS):
        await seat.visit.write(status=403)
        raise Forbidden("the file names loans")
    folder = _folder(request, which)
    path = written_file(folder, name) if folder else None
    if path is None:
        raise NotHeld(f"{name}: there is no such file")
    text = await run_in_threadpool(path.read_text, "utf-8")
    await seat.visit.write()
    return download(text, path.name)


def _folder(request: Request, which: str) -> Path | None:
    options = desk_of(request).options
    return options.portfolio if which == "book" else options.monitor
