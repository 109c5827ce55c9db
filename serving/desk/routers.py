"""All addresses of the desk, the one for everything else last."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.desk.answering import DeskRoute
from serving.desk.pages import alerts, audit, decisions, loans, people, state, work
from serving.desk.pages import help as helping

PAGES = tuple(one.router for one in (people, work, alerts, loans, decisions, state, audit, helping))
lost = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)


@lost.api_route("/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def nothing(_: Request) -> Response:
    """Say, as a page, that there is nothing at an address."""
    raise HTTPException(404)


DESK = (*PAGES, lost)
