"""Errors as the client sees them: one table of status codes, one shape (RFC 9457 problem details)."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from book.errors import Fault, RequestRefused
from policy.guard import GuardRefused
from serving import errors
from serving.journal import Conflict, JournalDown, KeyReused

TYPES = "urn:loanwatch:problem:"
MEDIA = "application/problem+json"
UNKNOWN_LOAN = "unknown_loan"

STATUS: dict[type[Exception], tuple[int, str, str]] = {
    RequestRefused: (422, "invalid-request", "The request breaks the data contract"),
    errors.UnknownLoan: (404, "unknown-loan", "A loan to score is not among the request's loans"),
    errors.OtherModel: (409, "other-model", "The pinned model is not the champion"),
    errors.TooLarge: (413, "too-large", "The body is too long"),
    errors.WrongMedia: (415, "not-json", "The body must be declared as JSON"),
    errors.Unauthenticated: (401, "unauthenticated", "Sign in first"),
    errors.Forbidden: (403, "forbidden", "The role does not allow this"),
    errors.TooMany: (429, "too-many-requests", "Too many requests"),
    errors.TooSlow: (408, "too-slow", "The body came too slowly"),
    errors.NotHeld: (404, "not-held", "Nothing is known under this id"),
    Conflict: (409, "conflict", "Somebody else was faster"),
    KeyReused: (409, "key-reused", "The idempotency key came before with another body"),
    GuardRefused: (422, "invalid-question", "The guard cannot understand the question"),
    JournalDown: (503, "journal-down", "The journal does not answer"),
    errors.NoJournal: (503, "no-journal", "There is no journal"),
    errors.NoStore: (503, "no-store", "There is no store of the book"),
    errors.NoChampion: (503, "no-champion", "No model is loaded"),
}


class FaultAt(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fault of a request. `path` says where, such as `tables.payments[3].amount`."""

    path: str
    code: str
    what: str
    got: str = ""
    allowed: str = ""
    nearest: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details of RFC 9457; `faults` names every fault of the request."""

    type: str
    title: str
    status: int
    detail: str
    faults: tuple[FaultAt, ...] = ()


def problem(error: Exception) -> Problem:
    """The problem details of an error that the table knows; KeyError for any other."""
    if isinstance(error, RequestRefused) and _only_unknown_loans(error):
        status, name, title = STATUS[errors.UnknownLoan]
    else:
        status, name, title = STATUS[type(error)]
    faults = _faults(error)
    detail = _counted(len(faults)) if faults else str(error)
    return Problem(TYPES + name, title, status, detail, faults)


def plain(status: int, detail: str = "") -> Problem:
    """The problem details of a bare HTTP status, such as a path or method that does not exist."""
    title = HTTPStatus(status).phrase
    return Problem("about:blank", title, status, detail or title)


def _only_unknown_loans(error: RequestRefused) -> bool:
    return bool(error.faults) and all(fault.code == UNKNOWN_LOAN for fault in error.faults)


def _faults(error: Exception) -> tuple[FaultAt, ...]:
    return tuple(_fault(fault) for fault in error.faults) if isinstance(error, RequestRefused) else ()


def _fault(fault: Fault) -> FaultAt:
    return FaultAt(fault.path, fault.code, fault.what, fault.got, fault.allowed, fault.nearest)


def _counted(faults: int) -> str:
    return (
        f"{faults:,} faults, each with its path in `faults`" if faults > 1 else "one fault, with its path in `faults`"
    )
