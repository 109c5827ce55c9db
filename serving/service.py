"""From request bodies to answers: decoding, pinning, scoring. Knows no HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from book.clock import end_of_day
from book.dossiers import Dossiers
from book.errors import Fault, RequestRefused
from book.known import known
from book.request import Request, decode, decode_batch
from serving.answers import Answer, BatchAnswer, Item, ScoreOut
from serving.champion import Champion
from serving.errors import OtherModel
from serving.journal import Entry
from serving.journal.tables_payload import pack_tables
from serving.memory import NOTHING, Memory
from serving.problems import problem
from serving.render import day, moment, policy_out, score_outs
from serving.ruling import Asker, rule
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
class Made:
    """An answer as bytes, and what has to be in the journal before it is sent; `subject` is the loan, if it is one."""

    content: bytes
    entries: list[Entry]
    subject: str = ""
    status: int = 200


@dataclass(frozen=True)
class Service:
    """What the routes ask: the champion in force, what is remembered of loans, and answers to bodies."""

    champion: Champion
    limits: Limits = Limits()
    memory: Memory = NOTHING

    def one(self, body: bytes, asker: Asker) -> Made:
        """Scores of one borrower's loans.

        Raises NoChampion, RequestRefused with every fault, OtherModel, JournalDown.
        """
        scorer = self.champion.scorer()
        request = decode(body, scorer.settings)
        _check(request, scorer)
        outs, entries = self._answered([request], scorer, asker)
        answer = Answer(scorer.bundle.id, policy_out(scorer.pack), outs)
        return Made(msgspec.json.encode(answer), entries, outs[0].loan_id if len(outs) == 1 else "")

    def many(self, body: bytes, asker: Asker) -> Made:
        """Scores of up to 1,000 borrowers, each with its own scores or problem, in the order of the requests.

        Raises NoChampion, JournalDown, and RequestRefused where the body is no batch at all.
        """
        scorer = self.champion.scorer()
        decoded = decode_batch(body, scorer.settings)
        items: list[Item | None] = [_refused(one, scorer) for one in decoded]
        accepted = [(at, one) for at, one in enumerate(decoded) if isinstance(one, Request) and items[at] is None]
        entries: list[Entry] = []
        for group in _alike(accepted):
            told, kept = self._answered([request for _, request in group], scorer, asker)
            entries += kept
            outs = iter(told)
            for at, request in group:
                items[at] = Item(200, [next(outs) for _ in request.loans])
        answer = BatchAnswer(scorer.bundle.id, policy_out(scorer.pack), [item for item in items if item is not None])
        return Made(msgspec.json.encode(answer), entries)

    def _answered(
        self, requests: Sequence[Request], scorer: Scorer, asker: Asker
    ) -> tuple[list[ScoreOut], list[Entry]]:
        """Requests with the same tables, each of another borrower: the answers and their entries."""
        ruling = rule(dossiers_of(requests, scorer), scorer, self.memory)
        if self.memory.journal is None:
            return score_outs(ruling), []
        packed = [pack_tables(request.tables) for request in requests]
        data = [made_from for made_from, one in zip(packed, requests, strict=True) for _ in one.loans]
        ids, entries = ruling.entries(asker, data)
        return score_outs(ruling, ids), entries


def dossiers_of(requests: Sequence[Request], scorer: Scorer) -> Dossiers:
    """The loans of requests with the same tables, in the order of the requests."""
    tables = join([request.tables for request in requests])
    starts = np.cumsum([0, *(len(request.tables.loan_ids) for request in requests)])
    counts = [len(request.loans) for request in requests]
    loans = np.concatenate([request.loans + start for request, start in zip(requests, starts, strict=False)])
    as_of = np.repeat(np.array([request.as_of for request in requests], np.int32), counts)
    cutoffs = [cutoff_of(request, scorer) for request in requests]
    cutoff = np.repeat(np.array(cutoffs, np.int64), counts)
    return known(tables, loans.astype(np.int32), as_of, cutoff)


def score(requests: Sequence[Request], scorer: Scorer) -> Scores:
    """The scores of requests with the same tables without policy's decision, in the order of the requests."""
    return scorer.score(dossiers_of(requests, scorer))


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
    """Requests grouped by the tables they have: an absent table must stay absent.

    Two requests about one borrower are never in one group, since the loans of a debtor are judged together.
    """
    groups: dict[tuple[frozenset[str], int], list[tuple[int, Request]]] = {}
    seen: Counter[str] = Counter()
    for at, request in requests:
        borrowers = [str(borrower) for borrower in request.tables.borrower_ids]
        before = max((seen[borrower] for borrower in borrowers), default=0)
        seen.update(dict.fromkeys(borrowers, 1))
        groups.setdefault((frozenset(request.tables.frames), before), []).append((at, request))
    return list(groups.values())
