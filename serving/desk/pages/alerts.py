"""Alerts: the list, one alert with its history, and the steps that people take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from policy.parts.rules import OWNERS
from reports.desk.frame import segment
from reports.desk.labels import Labels
from reports.desk.sheets import sheet
from reports.wording import Wording
from serving.access.roles import Act
from serving.case_answers import AlertWork
from serving.desk.alert_lines import OPEN, STATES, AlertLine, alert_line, alert_lines, counted
from serving.desk.answering import DeskRoute, download, frame_of, go_to, page
from serving.desk.entry import Seat, form_of, sit
from serving.desk.faulty import Faulty, long
from serving.desk.pages.work import severities
from serving.errors import NotHeld
from serving.journal import Journal
from serving.render import day
from serving.routes.alerts import BECOMES, stepped
from serving.routes.asked import id_of

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
SIZE: Final = 50
AT_MOST: Final = 50_000
"""Most alerts of one export."""
OUTCOMES: Final = ("cured", "promise", "plan", "legal", "false_alarm", "data", "other")
_ASKED: Final = ("status", "severity", "rule", "owner", "loan_id")
_HEAD: Final = ("fired_on", "severity_word", "rule", "alert", "loan", "borrower", "owner_word", "status_word", "action")
_WAITING: Final = "waiting"


@dataclass(frozen=True)
class Step:
    """One step of an alert's life; the first is its firing (`status` "")."""

    status: str
    outcome: str
    actor: str
    at: int
    reason: str


@router.get("/alerts")
async def alerts(request: Request) -> Response:
    """Alerts, newest first, of the states and kinds asked for."""
    seat, asked = await sit(request, Act.READ_ALERTS), _asked(request)
    frame, journal = frame_of(request), seat.visit.backing.kept()
    before = _before(request)
    listed, after = await run_in_threadpool(_listed, journal, asked, frame.labels, SIZE, before)
    counts = await run_in_threadpool(counted, journal)
    await seat.visit.write(subject=asked["loan_id"])
    words = frame.words
    return page(
        request, "alerts", "alerts", rows=listed, asked=asked, states=_states(counts, asked),
        filtered=any(asked[name] for name in _ASKED[1:]), severities=severities(words),
        rules=[(rule, f"{rule} {name}") for rule, name in frame.labels.rules()],
        owners=[(code, words.name("desk.owner", code)) for code in OWNERS],
        older=_address("/desk/alerts", asked, before=after) if after else None,
        newest=_address("/desk/alerts", asked) if before else None, sheet=_address("/desk/alerts.csv", asked),
    )  # fmt: skip


@router.get("/alerts.csv")
async def alerts_sheet(request: Request) -> Response:
    """The alerts as they are filtered, as a file."""
    seat, asked = await sit(request, Act.READ_ALERTS), _asked(request)
    frame, journal = frame_of(request), seat.visit.backing.kept()
    text = await run_in_threadpool(_sheet, journal, asked, frame.words, frame.labels)
    await seat.visit.write(subject=asked["loan_id"])
    return download(text, f"alerts-{datetime.now(UTC):%Y-%m-%d}.csv")


@router.get("/alerts/{alert_id}")
async def alert(request: Request) -> Response:
    """One alert: why it fired, what was done, and what can be done."""
    seat = await sit(request, Act.READ_ALERTS)
    alert_id = id_of(request.path_params["alert_id"], "alert")
    shown = await run_in_threadpool(_shown, seat.visit.backing.kept(), alert_id, frame_of(request).labels)
    await seat.visit.write(subject=alert_id)
    done = request.query_params.get("done", "")
    given = {"verb": "", "outcome": "", "reason": "", "step": shown["alert"].step}
    return _page(request, seat, shown, given=given, done=done if done in STATES[1:] else "")


@router.post("/alerts/{alert_id}/work")
async def work(request: Request) -> Response:
    """Take the next step of an alert."""
    seat = await sit(request, Act.WORK_ALERTS)
    fields, alert_id = await form_of(request, seat), id_of(request.path_params["alert_id"], "alert")
    frame = frame_of(request)
    faults = _faults(fields, frame.words)
    if faults:
        shown = await run_in_threadpool(_shown, seat.visit.backing.kept(), alert_id, frame.labels)
        given = {name: fields.get(name, "") for name in ("verb", "outcome", "reason", "step")}
        return _page(request, seat, shown, status=422, given=given, faults=faults)
    becomes, step = BECOMES[fields["verb"]], fields.get("step", "")
    outcome = fields.get("outcome", "") if becomes == "closed" else ""
    asked = AlertWork(fields["reason"], outcome, int(step) if step.isdecimal() and len(step) < 10 else None)
    made = await run_in_threadpool(stepped, seat.visit, alert_id, becomes, asked)
    await seat.visit.write(*made.entries, subject=made.subject, status=303)
    return go_to(f"/desk/alerts/{segment(alert_id)}?done={becomes}")


def _page(request: Request, seat: Seat, shown: Mapping[str, Any], status: int = 200, **names: Any) -> Response:
    told = {"faults": (), "done": ""} | dict(shown) | names
    may_work = seat.visit.actor.may(Act.WORK_ALERTS)
    return page(request, "alert", "alerts", status, may_work=may_work, outcomes=OUTCOMES, **told)


def _shown(journal: Journal, alert_id: str, labels: Labels) -> dict[str, Any]:
    """What the page of one alert shows. Raises NotHeld, JournalDown."""
    story = journal.alert(alert_id)
    if story is None:
        raise NotHeld(f"alert {alert_id!r}: the journal does not know it")
    entry, found = story.life.entry, journal.value(story.life.entry.evidence)
    evidence = found if isinstance(found, dict) else None
    line = alert_line(story.life, evidence, labels)
    steps = [Step("", "", entry.actor, story.life.kept.at, "")]
    for kept in story.steps:
        note = journal.value(kept.entry.note)
        reason = str(note.get("reason") or "") if isinstance(note, dict) else ""
        steps.append(Step(kept.entry.status, kept.entry.outcome, kept.entry.actor, kept.at, reason))
    place = STATES.index(line.status) if line.status in STATES else 0
    return {
        "alert": line,
        "told": line.text,
        "evidence": None if evidence is None else labels.evidence(evidence.get("evidence")),
        "folded": labels.joined([f"{rule} {labels.rule(rule)}" for rule in (evidence or {}).get("folded", ())]),
        "steps": steps,
        "verbs": [verb for verb, becomes in BECOMES.items() if STATES.index(becomes) > place],
    }


def _faults(fields: Mapping[str, str], words: Wording) -> list[Faulty]:
    faults, verb, reason = [], fields.get("verb", ""), fields.get("reason", "")
    if verb not in BECOMES:
        faults.append(Faulty("verb", words("desk.fault_verb")))
    if verb == "close" and fields.get("outcome") not in OUTCOMES:
        faults.append(Faulty("outcome", words("desk.fault_outcome")))
    if not reason:
        faults.append(Faulty("reason", words("desk.fault_reason")))
    return faults + long("reason", reason, words)


def _asked(request: Request) -> dict[str, str]:
    asked = {name: request.query_params.get(name, "")[:200] for name in _ASKED}
    if asked["status"] not in (*STATES, "all"):
        asked["status"] = _WAITING
    return asked


def _before(request: Request) -> int | None:
    text = request.query_params.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _listed(
    journal: Journal, asked: Mapping[str, str], labels: Labels, limit: int, before: int | None
) -> tuple[list[AlertLine], int | None]:
    status = {_WAITING: OPEN, "all": None}.get(asked["status"], asked["status"])
    having = {name: asked[name] or None for name in _ASKED[1:]}
    found = journal.alerts(status, limit, before, **having)
    return alert_lines(journal, found.rows, labels), found.next


def _states(counts: Mapping[str, int], asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The states to choose from, with how many alerts there are in each."""
    numbers = {_WAITING: sum(counts[state] for state in OPEN), **counts, "all": sum(counts.values())}
    others = {name: value for name, value in asked.items() if name != "status"}
    return [
        {"code": code, "count": n, "here": code == asked["status"],
         "address": _address("/desk/alerts", {"status": code} | others)}
        for code, n in numbers.items()
    ]  # fmt: skip


def _address(path: str, asked: Mapping[str, str], before: int | None = None) -> str:
    given: dict[str, object] = {name: value for name, value in asked.items() if value and value != _WAITING}
    query = urlencode(given | ({"before": before} if before else {}))
    return f"{path}?{query}" if query else path


def _sheet(journal: Journal, asked: Mapping[str, str], words: Wording, labels: Labels) -> str:
    return sheet([words(f"desk.{name}") for name in _HEAD], _cells(journal, asked, words, labels))


def _cells(journal: Journal, asked: Mapping[str, str], words: Wording, labels: Labels) -> Iterator[list[object]]:
    before, left = None, AT_MOST
    while left > 0:
        lines, before = _listed(journal, asked, labels, 1_000, before)
        for one in lines:
            yield [
                day(one.fired_on).isoformat(), words.name("desk.severity", one.severity), one.rule, one.text,
                one.loan_id, one.borrower_id, words.name("desk.owner", one.owner),
                words.name("desk.alert_status", one.status), labels.action(one.action),
            ]  # fmt: skip
        left -= len(lines)
        if before is None:
            return
