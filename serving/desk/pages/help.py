"""Glossary and help, in the language of the reader."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from reports.wording import Wording
from serving.desk.answering import DeskRoute, frame_of, page
from serving.desk.entry import SignInFirst, here, session_of

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)


@router.get("/help")
async def helping(request: Request) -> Response:
    """What the words mean and how the desk is used; for everybody who is signed in."""
    if session_of(request) is None:
        raise SignInFirst(here(request))
    return page(request, "help", "help", words=words_of(frame_of(request).words))


def words_of(words: Wording) -> list[tuple[str, str]]:
    """Every word that is explained, of the report and of the desk, with its meaning."""
    pairs = {}
    for group in ("glossary.", "desk.word_"):
        for key in words.texts:
            if key.startswith(group) and key.endswith("_text"):
                pairs[words(key.removesuffix("_text"))] = words(key)
    return sorted(pairs.items())
