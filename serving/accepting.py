"""Which requests can be scored, and which of them together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from book.clock import end_of_day
from book.errors import Fault, RequestRefused
from book.request import Request
from serving.answers import Item
from serving.errors import OtherModel
from serving.problems import problem
from serving.render import day, moment
from serving.scorer import Scorer

Placed = tuple[int, Request]
"""A request and its place among those that came with it."""


def cutoff_of(request: Request, scorer: Scorer) -> int:
    """The cut-off of a request (UTC microseconds); the end of its as_of day where it names none."""
    if request.cutoff is not None:
        return request.cutoff
    return int(end_of_day(np.array([request.as_of]), scorer.settings.timezone)[0])


def check(request: Request, scorer: Scorer) -> None:
    """Raise OtherModel where the request pins one, RequestRefused where a loan was not known yet."""
    if request.model is not None and request.model != scorer.bundle.id:
        raise OtherModel(request.model, scorer.bundle.id)
    loans, cutoff = request.tables["loans"], cutoff_of(request, scorer)
    faults = [
        _too_early(place, int(loans["disbursed_on"][loan]), int(loans["posted_at"][loan]))
        for place, loan in enumerate(request.loans)
        if loans["disbursed_on"][loan] > request.as_of or loans["posted_at"][loan] > cutoff
    ]
    if faults:
        raise RequestRefused(faults)


def _too_early(place: int, disbursed_on: int, posted_at: int) -> Fault:
    return Fault(
        code="not_yet_known",
        what="the loan was not paid out yet, or not known yet",
        path=f"score[{place}]",
        got=f"paid out on {day(disbursed_on)}, known at {moment(posted_at).isoformat()}",
        allowed="an as_of not before the pay-out and a cut-off not before posted_at",
    )


def refused(one: Request | RequestRefused, scorer: Scorer) -> Item | None:
    """The item of a request that cannot be scored; None for one that can."""
    if isinstance(one, RequestRefused):
        trouble = problem(one)
        return Item(trouble.status, problem=trouble)
    try:
        check(one, scorer)
    except (OtherModel, RequestRefused) as error:
        trouble = problem(error)
        return Item(trouble.status, problem=trouble)
    return None


def alike(requests: Sequence[Placed]) -> list[list[Placed]]:
    """Requests grouped by the tables they have: an absent table must stay absent.

    Two requests that speak of one borrower, or of loans of the same number, are never in one group: the loans of a
    debtor are judged together, and alerts are told by the number of the loan.
    """
    groups: dict[tuple[frozenset[str], int], list[Placed]] = {}
    next_group: dict[tuple[str, str], int] = {}
    for at, request in requests:
        tables = request.tables
        named = [("borrower", one) for one in tables.borrower_ids] + [("loan", one) for one in tables.loan_ids]
        before = max((next_group.get(one, 0) for one in named), default=0)
        next_group.update(dict.fromkeys(named, before + 1))
        groups.setdefault((frozenset(tables.frames), before), []).append((at, request))
    return list(groups.values())
