"""Descriptions of the routes about loans, alerts, events, contacts, overrides and the audit."""

from __future__ import annotations

from typing import Any

from serving import case_answers as shapes
from serving import review_answers as reviewing
from serving.answers import EventAnswer
from serving.openapi import IDEMPOTENCY, Json, answers, body

SHAPES: tuple[type, ...] = (
    shapes.LoanOut,
    shapes.QueueOut,
    shapes.AlertPage,
    shapes.AlertRow,
    shapes.AlertStory,
    shapes.AlertWork,
    shapes.ContactAsked,
    shapes.GuardOut,
    shapes.PacksOut,
    shapes.OverrideAsked,
    shapes.OverrideOut,
    shapes.OverridePage,
    shapes.OverrideAnswered,
    reviewing.ReviewAsked,
    reviewing.ReviewDone,
    reviewing.ReviewOut,
    reviewing.ReviewPage,
    shapes.AuditOut,
    shapes.Reloaded,
)
_WRITES = (404, 408, 409, 413, 415, 422, 503)


def _at(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _number(name: str, most: int, what: str, least: int = 1) -> Json:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return {"name": name, "in": "query", "required": False, "description": what, "schema": schema}


def _text(name: str, *choices: str) -> Json:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": name, "in": "query", "required": False, "schema": {"enum": list(choices)} if choices else schema}


_LIMIT = _number("limit", 1_000, "most rows of a page")
_BEFORE = _number("before", 10**18, "go on from `next` of the page before", 0)


def _ask(shape: type, what: str, *parameters: Json) -> Json:
    return {"responses": answers(shape, what, 404, 422, 503), "openapi_extra": {"parameters": list(parameters)}}


def _do(shape: type, what: str, asked: str, *parameters: Json) -> Json:
    return {"responses": answers(shape, what, *_WRITES), "openapi_extra": body(asked, IDEMPOTENCY, *parameters)}


LOAN = _ask(shapes.LoanOut, "what is known of the loan", _at("loan_id"), _LIMIT, _BEFORE)
QUEUE = _ask(shapes.QueueOut, "the loans to look at first", _number("capacity", 10_000, "how many can be looked at"))
ALERTS = _ask(
    shapes.AlertPage,
    "alerts, newest first",
    _text("status", "open", "acknowledged", "acted", "closed"),
    _text("severity", "B", "Y", "O", "R"),
    *(_text(name) for name in ("rule", "owner", "loan_id", "borrower_id")),
    _LIMIT,
    _BEFORE,
)
ALERT = _ask(shapes.AlertStory, "the alert with its life", _at("alert_id"))
WORK = _do(shapes.AlertRow, "the alert after the step", "AlertWork", _at("alert_id"))
GUARD = _do(shapes.GuardOut, "allowed or denied with every reason", "ContactAsked")
PACKS: Json = {"responses": answers(shapes.PacksOut, "the pack in force", 503)}
OVERRIDE = _do(shapes.OverrideOut, "the proposal as it was kept", "OverrideAsked")
OVERRIDES = _ask(
    shapes.OverridePage,
    "overrides, newest first",
    _text("status", "proposed", "approved", "declined"),
    *(_text(name) for name in ("loan_id", "actor")),
    _LIMIT,
    _BEFORE,
)
OVERRIDE_ANSWER = _do(shapes.OverrideOut, "the override after the answer", "OverrideAnswered", _at("override_id"))
REVIEW = _do(reviewing.ReviewOut, "the request as it was kept", "ReviewAsked")
REVIEWS = _ask(
    reviewing.ReviewPage, "reviews, newest first", _text("status", "open", "closed"), _text("loan_id"), _LIMIT, _BEFORE
)
REVIEW_DONE = _do(reviewing.ReviewOut, "the review with its outcome", "ReviewDone", _at("review_id"))
RELOAD: Json = {"responses": answers(shapes.Reloaded, "what answers now", 503)}
AUDIT = _ask(
    shapes.AuditOut, "the audit, newest first", *(_text(n) for n in ("actor", "subject", "request_id")), _LIMIT, _BEFORE
)
EVENTS = _do(EventAnswer, "what was kept, and what follows from it", "EventRequest")

EXAMPLES: Json = {
    "/v1/alerts/{alert_id}/acknowledge": {"reason": "called the borrower's employer list, checking the salary date"},
    "/v1/alerts/{alert_id}/act": {"reason": "agreed on a promise to pay on the 15th", "outcome": "promise"},
    "/v1/alerts/{alert_id}/close": {"reason": "paid in full on the 15th", "outcome": "cured"},
    "/v1/guard/contact": {
        "loan_id": "L-1001",
        "channel": "call",
        "contact_point_id": "P-1",
        "timezone": "Asia/Shanghai",
        "at": "2026-03-02T10:00:00+08:00",
    },
    "/v1/overrides": {
        "loan_id": "L-1001",
        "what": "tier",
        "becomes": "T3",
        "reason": "the employer confirmed that salaries are paid a week later from now on",
    },
    "/v1/overrides/{override_id}/approve": {"reason": "saw the letter of the employer"},
    "/v1/overrides/{override_id}/decline": {"reason": "the letter is of last year; ask for a new one"},
    "/v1/reviews": {
        "loan_id": "L-1001",
        "reason": "the borrower says that the instalment of May was paid by the employer",
        "due_on": "2026-03-31",
    },
    "/v1/reviews/{review_id}/close": {"outcome": "data_corrected", "reason": "the transfer was booked to another loan"},
    "/v1/events": {
        "tables": {
            "payments": [
                {
                    "payment_id": "P-9001",
                    "loan_id": "L-1001",
                    "paid_on": "2024-07-01",
                    "amount": "250.00",
                    "status": "posted",
                }
            ]
        }
    },
}
"""A worked example of a body, by path."""
