"""From request bodies to answers: decoding, pinning, scoring. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from book.clock import end_of_day
from book.errors import Fault, RequestRefused
from book.known import known
from book.request import Request, decode, decode_batch
from serving.answers import Answer, BatchAnswer, Item
from serving.champion import Champion
from serving.errors import OtherModel
from serving.problems import problem
from serving.render import day, moment, policy_out, score_outs
from serving.scorer import Scorer
from serving.scores import Scores
from serving.together import join


@dataclass(frozen=True)
class Limits:
    """What the service reads: bytes of a body of one borrower and of a batch.

    Bodies above `inline_bytes` are answered in a thread, so that health checks and short requests go on.
    """

    body_bytes: int = 8 << 20
    batch_bytes: int = 64 << 20
    inline_bytes: int = 256 << 10


@dataclass(frozen=True)
class Service:
    """What the routes ask: the champion in force, and answers to bodies."""

    champion: Champion
    limits: Limits = Limits()

    def one(self, body: bytes) -> Answer:
        """Scores of one borrower's loans.

        Raises NoChampion, RequestRefused with every fault, OtherModel.
        """
        scorer = self.champion.scorer()
        request = decode(body, scorer.settings)
        _check(request, scorer)
        return Answer(scorer.bundle.id, policy_out(scorer.pack), score_outs(score([request], scorer)))

    def many(self, body: bytes) -> BatchAnswer:
        """Scores of up to 1,000 borrowers, each with its own scores or problem, in the order of the requests.

        Raises NoChampion, and RequestRefused where the body is no batch at all.
        """
        scorer = self.champion.scorer()
        decoded = decode_batch(body, scorer.settings)
        items: list[Item | None] = [_refused(one, scorer) for one in decoded]
        accepted = [(at, one) for at, one in enumerate(decoded) if isinstance(one, Request) and items[at] is None]
        for group in _alike(accepted):
            outs = iter(score_outs(score([request for _, request in group], scorer)))
            for at, request in group:
                items[at] = Item(200, [next(outs) for _ in request.loans])
        return BatchAnswer(scorer.bundle.id, policy_out(scorer.pack), [item for item in items if item is not None])


def score(requests: Sequence[Request], scorer: Scorer) -> Scores:
    """The loans of requests with the same tables, scored in one call, in the order of the requests."""
    tables = join([request.tables for request in requests])
    starts = np.cumsum([0, *(len(request.tables.loan_ids) for request in requests)])
    counts = [len(request.loans) for request in requests]
    loans = np.concatenate([request.loans + start for request, start in zip(requests, starts, strict=False)])
    as_of = np.repeat(np.array([request.as_of for request in requests], np.int32), counts)
    cutoffs = [cutoff_of(request, scorer) for request in requests]
    cutoff = np.repeat(np.array(cutoffs, np.int64), counts)
    return scorer.score(known(tables, loans.astype(np.int32), as_of, cutoff))


def cutoff_of(request: Request, scorer: Scorer) -> int:
    """The cut-off of a request (UTC microseconds); the end of its as_of day where it names none."""
    if request.cutoff is not None:
        return request.cutoff
    return int(end_of_day(np.array([request.as_of]), scorer.settings.timezone)[0])


def _check(request: Request, scorer: Scorer) -> None:
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


def _refused(one: Request | RequestRefused, scorer: Scorer) -> Item | None:
    """The item of a request that cannot be scored; None for one that can."""
    if isinstance(one, RequestRefused):
        trouble = problem(one)
        return Item(trouble.status, problem=trouble)
    try:
        _check(one, scorer)
    except (OtherModel, RequestRefused) as error:
        trouble = problem(error)
        return Item(trouble.status, problem=trouble)
    return None


def _alike(requests: Iterable[tuple[int, Request]]) -> list[list[tuple[int, Request]]]:
    """Requests grouped by the tables they have: an absent table must stay absent."""
    groups: dict[frozenset[str], list[tuple[int, Request]]] = {}
    for at, request in requests:
        groups.setdefault(frozenset(request.tables.frames), []).append((at, request))
    return list(groups.values())
