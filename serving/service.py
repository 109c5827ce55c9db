"""From request bodies to answers: decoding, pinning, scoring. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import TypeVar

import msgspec
import numpy as np

from book.dossiers import Dossiers
from book.known import known
from book.request import Request, decode, decode_batch
from serving.accepting import Placed, alike, check, cutoff_of, refused
from serving.answers import Answer, BatchAnswer, Item, ScoreOut
from serving.champion import Champion
from serving.journal import Entry, JournalDown
from serving.journal.tables_payload import pack_tables
from serving.memory import NOTHING, Memory
from serving.render import policy_out, score_outs
from serving.ruling import Asker, rule, together
from serving.scorer import Scorer
from serving.scores import Scores
from serving.together import join
from serving.webhooks.announcing import NOBODY, Messages

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What the service reads: bytes of a body of one borrower and of a batch.

    Bodies above `inline_bytes` are answered in a thread, so that health checks and short requests go on.
    """

    body_bytes: int = 8 << 20
    batch_bytes: int = 64 << 20
    inline_bytes: int = 256 << 10


@dataclass(frozen=True)
class Question:
    """A body about one borrower, and who sent it."""

    body: bytes
    asker: Asker


@dataclass(frozen=True)
class Told:
    """What is said of the loans of one request, and what of it has to be in the journal."""

    outs: list[ScoreOut]
    entries: list[Entry]


@dataclass(frozen=True)
class Made:
    """An answer as bytes, and what has to be in the journal before it is sent; `subject` is the loan, if it is one."""

    content: bytes
    entries: list[Entry]
    subject: str = ""
    status: int = 200


@dataclass(frozen=True)
class Service:
    """What the routes ask: the champion in force, what is remembered of loans, answers to bodies, who hears of them."""

    champion: Champion
    limits: Limits = Limits()
    memory: Memory = NOTHING
    messages: Messages = NOBODY

    def one(self, body: bytes, asker: Asker) -> Made:
        """Scores of one borrower's loans.

        Raises NoChampion, RequestRefused with every fault, OtherModel, JournalDown.
        """
        (outcome,) = self.several([Question(body, asker)])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def several(self, questions: Sequence[Question]) -> list[Made | Exception]:
        """What `one` makes of each question, or what it raises; loans of different borrowers are judged in one call.

        Raises NoChampion.
        """
        scorer = self.champion.scorer()
        outcomes: dict[int, Made | Exception] = {}
        accepted = []
        for at, question in enumerate(questions):
            try:
                request = decode(question.body, scorer.settings)
                check(request, scorer)
            except Exception as error:  # noqa: BLE001  # a fault in one does not touch the others
                outcomes[at] = error
            else:
                accepted.append((at, request))
        policy = policy_out(scorer.pack)
        for at, told in self._answered(accepted, scorer, [question.asker for question in questions]):
            if isinstance(told, Exception):
                outcomes[at] = told
            else:
                content = msgspec.json.encode(Answer(scorer.bundle.id, policy, told.outs))
                subject = told.outs[0].loan_id if len(told.outs) == 1 else ""
                outcomes[at] = Made(content, told.entries, subject)
        return [outcomes[at] for at in range(len(questions))]

    def many(self, body: bytes, asker: Asker) -> Made:
        """Scores of up to 1,000 borrowers, each with its own scores or problem, in the order of the requests.

        Raises NoChampion, JournalDown, and RequestRefused where the body is no batch at all.
        """
        scorer = self.champion.scorer()
        decoded = decode_batch(body, scorer.settings)
        items: list[Item | None] = [refused(one, scorer) for one in decoded]
        accepted = [(at, one) for at, one in enumerate(decoded) if isinstance(one, Request) and items[at] is None]
        entries: dict[int, list[Entry]] = {}
        for at, told in self._answered(accepted, scorer, [asker] * len(decoded)):
            if isinstance(told, Exception):
                raise told
            items[at], entries[at] = Item(200, told.outs), told.entries
        answer = BatchAnswer(scorer.bundle.id, policy_out(scorer.pack), [item for item in items if item is not None])
        return Made(msgspec.json.encode(answer), [entry for at in sorted(entries) for entry in entries[at]])

    def _answered(
        self, requests: Sequence[Placed], scorer: Scorer, askers: Sequence[Asker]
    ) -> Iterator[tuple[int, Told | Exception]]:
        """What is said of each request, by its place; `askers` are by place."""
        for group in alike(requests):
            for some, told in self._judged(group, scorer, askers):
                yield from zip([at for at, _ in some], told, strict=True)

    def _judged(
        self, group: Sequence[Placed], scorer: Scorer, askers: Sequence[Asker]
    ) -> Iterator[tuple[Sequence[Placed], list[Told] | Iterator[Exception]]]:
        """Requests with the same tables, each of another borrower; one by one where they fail together."""
        told: list[Told] | Iterator[Exception]
        try:
            told = self._told([request for _, request in group], scorer, [askers[at] for at, _ in group])
        except Exception as error:  # noqa: BLE001  # a fault in one does not touch the others
            if len(group) > 1 and not isinstance(error, JournalDown):
                for one in group:
                    yield from self._judged([one], scorer, askers)
                return
            told = repeat(error, len(group))
        yield group, told

    def _told(self, requests: Sequence[Request], scorer: Scorer, askers: Sequence[Asker]) -> list[Told]:
        ruling = rule(dossiers_of(requests, scorer), scorer, self.memory)
        counts = [len(request.loans) for request in requests]
        if self.memory.journal is None:
            return [Told(outs, []) for outs in _parted(score_outs(ruling), counts)]
        made_from = [pack_tables(request.tables) for request in requests]
        kept = ruling.entries(
            [asker for asker, n in zip(askers, counts, strict=True) for _ in range(n)],
            [data for data, n in zip(made_from, counts, strict=True) for _ in range(n)],
            self.messages,
        )
        outs = score_outs(ruling, [one.score.score_id for one in kept])
        return [
            Told(some, together(entries))
            for some, entries in zip(_parted(outs, counts), _parted(kept, counts), strict=True)
        ]


def _parted(items: Sequence[T], counts: Sequence[int]) -> Iterator[list[T]]:
    """The items as runs of so many."""
    rest = iter(items)
    return (list(islice(rest, n)) for n in counts)


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
