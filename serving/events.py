"""Events about known loans: rules are fired at once, on the day that is open; the PD is that of the last closed day.

The store of the last night, the events since and the new ones go the way of every score: known, History, facts, decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from book.errors import Fault, RequestRefused
from book.known import known
from book.request.repeats import repeated_fields
from book.settings import Settings
from book.tables import Tables
from features.history import History
from features.standing import standing
from policy.decide import decide
from policy.facts import build
from policy.state import States
from policy.tiers import SCORED
from serving.answers import EventAnswer, EventOut
from serving.backing import BookStore
from serving.incoming import Incoming
from serving.journal import Entry, Event, new_id
from serving.judging import Judged
from serving.memory import Memory, Plain
from serving.render import policy_out, score_outs
from serving.ruling import Asker, Ruling, month_in, together
from serving.scorer import Scorer
from serving.service import Made
from serving.webhooks.announcing import NOBODY, Messages

MOST_BORROWERS = 100


@dataclass(frozen=True)
class Moment:
    """When an event is judged: the last closed day and its cut-off, and the moment up to which events count."""

    as_of: int
    cutoff: int
    upto: int
    settings: Settings


@dataclass(frozen=True)
class EventDesk:
    """Where events are taken in: the store, what is remembered, the events at hand, and who hears of what follows."""

    store: BookStore
    incoming: Incoming
    memory: Memory
    messages: Messages = NOBODY

    def take(self, body: bytes, scorer: Scorer, asker: Asker, received_at: int) -> Made:
        """Check new rows, fire rules and score again, borrower by borrower; everything is written together or not.

        `received_at` is the moment (UTC microseconds). Raises RequestRefused with every fault, JournalDown.
        """
        kept = self.store.keep_event(_tables(body), received_at)
        if len(kept) > MOST_BORROWERS:
            got = f"{len(kept)} borrowers"
            raise RequestRefused(
                [_fault("too_many", "tables", got, f"at most {MOST_BORROWERS} borrowers in one event")]
            )
        entries: list[Entry] = []
        outs, told = [], []
        for one in kept:
            event_id = new_id("E") if one.rows else ""
            told.append(
                EventOut(event_id, one.borrower_id, list(one.tables), sum(map(len, one.rows.values())), one.known)
            )
            if not one.rows:
                continue
            entries.append(_entry(event_id, one, asker, received_at))
            with self.incoming.beside(one.borrower_id, received_at, one.rows):
                ruling, data = self._rule(one.borrower_id, scorer, received_at)
            scores = ruling.entries([asker] * len(ruling.rows), [data] * len(ruling.rows), self.messages)
            entries += together(scores)
            outs += score_outs(ruling, [one.score.score_id for one in scores])
        answer = EventAnswer(scorer.bundle.id, policy_out(scorer.pack), told, outs)
        return Made(msgspec.json.encode(answer), entries, kept[0].borrower_id if len(kept) == 1 else "")

    def _rule(self, borrower_id: str, scorer: Scorer, received_at: int) -> tuple[Ruling, dict[str, Any]]:
        """All loans of a borrower as the event leaves them, and what that was made from."""
        night = self.store.generation
        tables = self.store.tables([borrower_id], received_at, night.id)
        moment = Moment(night.as_of, night.cutoff, received_at, night.settings)
        ruling = judge_event(tables, moment, scorer, self.memory.states)
        return ruling, {"store": night.id, "upto": received_at, "borrower": borrower_id}


def judge_event(
    tables: Tables, moment: Moment, scorer: Scorer, states: Callable[[Sequence[str]], Sequence[Plain | None]]
) -> Ruling:
    """All loans of a borrower, judged on the open day with the PD of the last closed one.

    `states` gives what policy remembers of loans.
    """
    loans = _running(tables, moment)
    settings, context = moment.settings, scorer.context
    closed = known(tables, loans, _days(loans, moment.as_of), _moments(loans, moment.cutoff))
    today = known(tables, loans, _days(loans, moment.as_of + 1), _moments(loans, moment.upto))
    used = states([str(loan) for loan in tables.loan_ids[loans]])
    past = np.array([month_in(state) > int(month_of(np.array(moment.as_of + 1))) for state in used], np.bool_)
    used = [None if late else state for late, state in zip(past.tolist(), used, strict=True)]
    judged = _judged(
        History(closed, settings, context), History(today, settings, context), scorer,
        States.from_plain(used, scorer.pack),
    )  # fmt: skip
    return Ruling(judged, np.arange(len(loans), dtype=np.int64), used, past)


def _judged(closed: History, today: History, scorer: Scorer, previous: States) -> Judged:
    scores = scorer.score_history(closed)
    x = np.ascontiguousarray(scorer.catalogue.matrix(today), np.float32)
    status = standing(today)
    status = np.where((status == SCORED) & (scores.status != SCORED), scores.status, status).astype(np.int8)
    pd = np.where(status == SCORED, scores.pd, np.nan)
    facts = build(today, x, scorer.catalogue.names, status=status, pd=pd, catalogue=scorer.catalogue)
    decided = decide(facts, scorer.pack, previous, bundle_id=scorer.bundle.id)
    return Judged.of(scores, decided)


def _running(tables: Tables, night: Moment) -> NDArray[np.int32]:
    """The loans that were paid out and known at the end of the last closed day."""
    loans = tables["loans"]
    there = (loans["disbursed_on"] <= night.as_of) & (loans["posted_at"] <= night.cutoff)
    return np.flatnonzero(there).astype(np.int32)


def _days(loans: NDArray[np.int32], day: int) -> NDArray[np.int32]:
    return np.full(len(loans), day, np.int32)


def _moments(loans: NDArray[np.int32], moment: int) -> NDArray[np.int64]:
    return np.full(len(loans), moment, np.int64)


def _entry(event_id: str, kept: Any, asker: Asker, received_at: int) -> Event:
    return Event(
        event_id=event_id,
        borrower_id=kept.borrower_id,
        received_at=received_at,
        tables=",".join(kept.tables),
        actor=asker.actor,
        request_id=asker.request_id,
        rows=kept.rows,
    )


def _tables(body: bytes) -> Any:
    """The tables of an event's body, as JSON values. Raises RequestRefused."""
    try:
        found = msgspec.json.decode(body)
        faults = repeated_fields(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise RequestRefused([_fault("malformed", "", str(error)[:200], "JSON")]) from None
    if not isinstance(found, dict):
        raise RequestRefused([_fault("malformed", "", type(found).__name__, 'an object {"tables": {...}}')])
    faults += list(_odd(found))
    if faults:
        raise RequestRefused(faults)
    return found["tables"]


def _odd(found: dict[str, Any]) -> Iterator[Fault]:
    for name in found:
        if name != "tables":
            yield _fault("unknown_field", name[:100], name[:100], "tables")
    if not isinstance(found.get("tables"), dict):
        yield _fault("malformed", "tables", type(found.get("tables")).__name__, "rows by table")


def _fault(code: str, path: str, got: str, allowed: str) -> Fault:
    return Fault(code, "the event cannot be taken in", path=path, got=got, allowed=allowed)
