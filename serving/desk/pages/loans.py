"""Loans: finding one, its page with the report, and the borrower with all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from book.errors import RequestRefused
from book.pseudonym import pseudonyms_from_environment
from policy.parts.classes import CLASSES
from policy.parts.guarding import CHANNELS
from reports.desk.frame import segment
from reports.desk.labels import Labels
from reports.wording import Wording
from serving.access.roles import Act
from serving.case_answers import GuardOut
from serving.contacts import ask_guard
from serving.desk.alert_lines import OPEN, AlertLine, alert_lines, gravest_first
from serving.desk.answering import DeskRoute, frame_of, go_to, page
from serving.desk.asking import GuardForm, OverrideForm, guard_form, override_form, refused_form
from serving.desk.desk import desk_of
from serving.desk.entry import Seat, form_of, sit
from serving.desk.faulty import Faulty
from serving.desk.held import LoanShown, named, shown
from serving.desk.queue import line_of
from serving.desk.shelf import Snapshot
from serving.errors import NotHeld
from serving.journal import Journal, now_us
from serving.overrides import proposed
from serving.routes.asked import id_of
from serving.routes.body import service_of

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
MOST: Final = 50
"""Most loans of a search."""
PARTIES: Final = ("borrower", "co_borrower", "guarantor", "other")
_FRESH: Final = {"channel": "call", "party": "borrower", "identity": "unknown", "staff": "2", "becomes": ""}


@router.get("/loans")
async def search(request: Request) -> Response:
    """Loans whose number begins so, and loans of a borrower."""
    seat = await sit(request, Act.READ_LOANS)
    text = request.query_params.get("q", "").strip()[:200]
    snapshot = await run_in_threadpool(desk_of(request).shelf.now)
    loans, borrowers = await run_in_threadpool(_found, snapshot, text)
    await seat.visit.write(subject=text if text.isprintable() else "")
    if len(loans) == 1 and not borrowers and snapshot.loans.ids[loans[0]] == text:
        return go_to(f"/desk/loans/{segment(text)}")
    return page(
        request, "search", "loans", text=text, most=MOST,
        loans=[line_of(snapshot, row) for row in loans], borrowers=[line_of(snapshot, row) for row in borrowers],
    )  # fmt: skip


@router.get("/loans/{loan_id:path}/guard")
@router.get("/loans/{loan_id:path}/override")
async def back_to_loan(request: Request) -> Response:
    """Forms are sent to these addresses; whoever comes again is sent to the loan."""
    return go_to(f"/desk/loans/{segment(request.path_params['loan_id'])}")


@router.get("/loans/{loan_id:path}")
async def loan(request: Request) -> Response:
    """One loan: the report, and what can be done."""
    seat = await sit(request, Act.READ_LOANS)
    loan_id = id_of(request.path_params["loan_id"], "loan")
    done = "override" if request.query_params.get("done") == "override" else ""
    answer = await _loan_page(request, seat, loan_id, done=done)
    await seat.visit.write(subject=loan_id)
    return answer


@router.post("/loans/{loan_id:path}/override")
async def override(request: Request) -> Response:
    """Propose another decision than the suggested one."""
    seat = await sit(request, Act.OVERRIDE)
    fields, loan_id = await form_of(request, seat), id_of(request.path_params["loan_id"], "loan")
    scorer = service_of(request).champion.scorer()
    form: OverrideForm = override_form(loan_id, fields, frame_of(request).words)
    if form.asked is None:
        return await _loan_page(request, seat, loan_id, 422, fields, {"override": form.faults})
    try:
        made = await run_in_threadpool(proposed, seat.visit, form.asked, scorer)
    except RequestRefused as refused:
        faults = refused_form(refused, frame_of(request).words)
        return await _loan_page(request, seat, loan_id, 422, fields, {"override": faults})
    await seat.visit.write(*made.entries, subject=loan_id, status=303)
    return go_to(f"/desk/loans/{segment(loan_id)}?done=override")


@router.post("/loans/{loan_id:path}/guard")
async def guard(request: Request) -> Response:
    """Say whether a contact may be made, with every reason why not."""
    seat = await sit(request, Act.ASK_GUARD)
    fields, loan_id = await form_of(request, seat), id_of(request.path_params["loan_id"], "loan")
    backing, scorer = seat.visit.backing, service_of(request).champion.scorer()
    frame = frame_of(request)
    backing.kept()
    store = backing.book()
    form: GuardForm = guard_form(loan_id, fields, frame.words)
    if form.asked is None:
        return await _loan_page(request, seat, loan_id, 422, fields, {"guard": form.faults})
    try:
        made = await run_in_threadpool(ask_guard, form.asked, store, scorer, seat.visit.asker_as("desk"), now_us())
    except LookupError as error:
        raise NotHeld(str(error.args[0] if error.args else error)) from None
    await seat.visit.write(*made.entries, subject=loan_id)
    told = msgspec.json.decode(made.content, type=GuardOut)
    reasons = [{"text": one.text[frame.lang], "article": one.article} for one in told.reasons]
    return page(
        request, "guard", "loans", loan_id=loan_id, allowed=told.allowed, reasons=reasons,
        asked=_asked(form, frame.words), contact_id=told.contact_id,
    )  # fmt: skip


@router.get("/borrowers/{borrower_id}")
async def borrower(request: Request) -> Response:
    """One borrower: all loans, and the alerts that wait."""
    seat = await sit(request, Act.READ_LOANS)
    borrower_id = id_of(request.path_params["borrower_id"], "borrower")
    snapshot = await run_in_threadpool(desk_of(request).shelf.now)
    rows = [row for row, whose in enumerate(snapshot.loans.borrowers) if whose == borrower_id]
    if not rows:
        raise NotHeld(f"borrower {borrower_id!r}: no loan of theirs is known")
    lines = sorted((line_of(snapshot, row) for row in rows), key=lambda one: (not one.rank, one.rank, one.loan_id))
    labels, journal = frame_of(request).labels, seat.visit.backing.kept()
    reads = seat.visit.actor.may(Act.READ_ALERTS)
    alerts = await run_in_threadpool(_waiting, journal, borrower_id, labels) if reads else []
    await seat.visit.write(subject=borrower_id)
    exposure = sum(one.exposure or 0 for one in lines)
    return page(request, "borrower", "loans", borrower_id=borrower_id, lines=lines, exposure=exposure, alerts=alerts)


def _waiting(journal: Journal, borrower_id: str, labels: Labels) -> list[AlertLine]:
    """The alerts about a borrower that nobody has closed, gravest first."""
    return gravest_first(alert_lines(journal, journal.alerts(OPEN, MOST, borrower_id=borrower_id).rows, labels))


async def _loan_page(
    request: Request,
    seat: Seat,
    loan_id: str,
    status: int = 200,
    fields: Mapping[str, str] | None = None,
    faults: Mapping[str, list[Faulty]] | None = None,
    done: str = "",
) -> Response:
    frame, actor = frame_of(request), seat.visit.actor
    scorer = service_of(request).champion.state.scorer
    found: LoanShown = await run_in_threadpool(shown, seat.visit.backing, scorer, loan_id, frame.labels)
    may = {key for key, act in (("alerts", Act.READ_ALERTS), ("override", Act.OVERRIDE)) if actor.may(act)}
    may |= {"guard"} if actor.may(Act.ASK_GUARD) and found.report is not None else set()
    given: dict[str, Any] = {"zone": frame.words.timezone, "point": "", "at": "", "automated": "", "reason": ""}
    given |= {"expires": ""} | _FRESH | dict(fields or {})
    return page(
        request, "loan", "loans", status, held=found.held, report=found.report, why_not=found.why_not,
        alerts=found.alerts, overrides=found.overrides, past=found.past, events=found.events, may=may,
        faults={"guard": [], "override": []} | dict(faults or {}), given=given, done=done, channels=CHANNELS,
        parties=PARTIES, becomes=_choices(frame.labels),
    )  # fmt: skip


def _choices(labels: Labels) -> list[tuple[str, list[tuple[str, str]]]]:
    """What may be decided instead, group by group."""
    return [
        ("tier", [(code, named(labels, "tier", code)) for code in labels.tiers()]),
        ("class", [(code, labels.five_class(code)) for code in CLASSES]),
        ("action", labels.actions()),
    ]


def _asked(form: GuardForm, words: Wording) -> list[tuple[str, str]]:
    asked = form.asked
    if asked is None or asked.at is None:
        return []
    local = f"{words.moment(round(asked.at.timestamp() * 1_000_000)).partition(' (')[0]}"
    return [
        (words("desk.guard_channel"), words.name("desk.channel", asked.channel)),
        (words("desk.guard_party"), words.name("desk.party", asked.party)),
        (words("desk.guard_zone"), asked.timezone),
        (words("desk.audit_when"), f"{local} ({words.timezone})"),
    ]


def _found(snapshot: Snapshot, text: str) -> tuple[list[int], list[int]]:
    """Rows of loans whose id begins so, and of borrowers by their own number or by their pseudonym."""
    if not text or not text.isprintable():
        return [], []
    borrowers = snapshot.loans.of_borrower(text.lower(), MOST) if len(text) >= 4 else []
    try:
        own = pseudonyms_from_environment().names([text])[0]
        borrowers = list(dict.fromkeys([*snapshot.loans.of_borrower(own, MOST), *borrowers]))[:MOST]
    except RequestRefused:
        pass
    return snapshot.loans.beginning(text, MOST), borrowers
