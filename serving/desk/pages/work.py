"""The work queue, as a page and as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import numpy as np
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from policy.parts.rules import SEVERITIES
from reports.desk.labels import Labels
from reports.desk.sheets import sheet
from reports.wording import Wording
from serving.access.roles import Act
from serving.desk.answering import DeskRoute, download, frame_of, page
from serving.desk.desk import desk_of
from serving.desk.entry import sit
from serving.desk.queue import STATE_D, Line, QueuePage, Wanted, line_of, owners, products, queue_page, wanted_rows
from serving.desk.shelf import Snapshot
from serving.holding import money
from serving.render import day

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
SIZE: Final = 50
_ASKED: Final = ("tier", "severity", "product", "owner")
_HEAD: Final = (
    "rank", "loan", "borrower", "product", "tier", "grade", "pd", "exposure", "at_risk", "dpd", "five_class",
    "severity_word", "owner_word", "action", "as_of",
)  # fmt: skip


@router.get("/queue")
async def queue(request: Request) -> Response:
    """Loans by what is at risk, with the line that people can reach."""
    seat, desk, wanted = await sit(request, Act.READ_QUEUE), desk_of(request), _wanted(request)
    snapshot = await run_in_threadpool(desk.shelf.now)
    found = queue_page(snapshot, wanted, desk.options.capacity, _page(request), SIZE)
    await seat.visit.write()
    frame = frame_of(request)
    words, labels = frame.words, frame.labels
    return page(
        request, "queue", "queue", found=found, wanted=wanted, capacity=desk.options.capacity,
        cut=_cut(snapshot, wanted, found, desk.options.capacity), by_severity=snapshot.by_severity,
        night=snapshot.night.entry.as_of if snapshot.night else None,
        tiers=[(code, f"{code} {labels.tier(code)}") for code in labels.tiers()],
        severities=severities(words), products=[(name, name.replace("_", " ")) for name in products(snapshot)],
        owners=[(code, words.name("desk.owner", code)) for code in owners(snapshot)],
        address=lambda number: _address("/desk/queue", wanted, number), sheet=_address("/desk/queue.csv", wanted),
    )  # fmt: skip


@router.get("/queue.csv")
async def queue_sheet(request: Request) -> Response:
    """The queue as it is filtered, every page of it."""
    seat, desk, wanted = await sit(request, Act.READ_QUEUE), desk_of(request), _wanted(request)
    frame = frame_of(request)
    snapshot = await run_in_threadpool(desk.shelf.now)
    text = await run_in_threadpool(_sheet, snapshot, wanted, frame.words, frame.labels)
    await seat.visit.write()
    return download(text, f"queue-{datetime.now(UTC):%Y-%m-%d}.csv")


def severities(words: Wording) -> list[tuple[str, str]]:
    """Severities to choose from, gravest first."""
    return [(code, words.name("desk.severity", code)) for code in reversed(SEVERITIES)]


def _wanted(request: Request) -> Wanted:
    return Wanted(**{name: request.query_params.get(name, "")[:200] for name in _ASKED})


def _page(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1


def _address(path: str, wanted: Wanted, page: int = 1) -> str:
    given = {name: getattr(wanted, name) for name in _ASKED if getattr(wanted, name)}
    query = urlencode(given | ({"page": page} if page > 1 else {}))
    return f"{path}?{query}" if query else path


def _cut(snapshot: Snapshot, wanted: Wanted, found: QueuePage, capacity: int) -> int:
    """After how many lines of the page the capacity ends; -1 where the line is on another page, or there is none."""
    if wanted.tier == STATE_D or found.ranked <= capacity:
        return -1
    within = int(np.count_nonzero(snapshot.loans.rank[wanted_rows(snapshot, wanted)] <= capacity))
    start = (found.page - 1) * SIZE
    at = within - start
    return at if 0 < at <= len(found.lines) or (within == 0 and found.page == 1) else -1


def _sheet(snapshot: Snapshot, wanted: Wanted, words: Wording, labels: Labels) -> str:
    lines = (line_of(snapshot, row) for row in wanted_rows(snapshot, wanted).tolist())
    return sheet([words(f"desk.{name}") for name in _HEAD], (_cells(line, words, labels) for line in lines))


def _cells(line: Line, words: Wording, labels: Labels) -> list[object]:
    at_risk = None if line.at_risk is None else money(round(line.at_risk))
    pd = None if line.pd is None else f"{line.pd:.6f}"
    return [
        line.rank or None, line.loan_id, line.borrower_id, line.product, line.tier, line.grade, pd,
        money(line.exposure), at_risk, line.dpd, labels.five_class(line.five_class),
        words.name("desk.severity", line.severity) if line.severity else "",
        words.name("desk.owner", line.owner) if line.owner else "",
        labels.action(line.action) if line.action else "", day(line.as_of).isoformat(),
    ]  # fmt: skip
