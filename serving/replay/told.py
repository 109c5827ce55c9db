"""What was said of a loan, as the journal or a sealed night kept it, and where what it was made from is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from book.errors import Refusal
from serving.journal.entries import Means, Score
from serving.journal.errors import Damaged
from serving.journal.journal import Journal
from serving.journal.reading import asked
from serving.journal.schema import ENTRIES, TYPED
from serving.journal.segment import Segment
from serving.journal.segments import Segments
from serving.nightly_rows import ALERTS, GROUPS, STATE_NEXT, STATE_USED, TOLD

NIGHT: Final = "nightly"
EVENT: Final = "event"
_KEYS: Final = frozenset({"score_id", "request_id", "actor", "source", "loan_id", "borrower_id", "as_of", "cutoff",
                          "bundle_id", "pack", "pack_hash", "data", "details", "state_used", "state_next"})  # fmt: skip
"""Columns that say which score it is and with what it was made; the others are what was said."""
_TEXTS: Final = (ALERTS, STATE_NEXT)
BESIDE: Final = "beside"
State = Mapping[str, Any] | None
States = Callable[[Sequence[str]], list[State]]


@dataclass(frozen=True)
class Told:
    """`columns` say which score it is and with what it was made, `said` is what has to come out again.

    `data` is what it was made from: packed tables, or where the rows are in the store; None: it is gone. `states` gives
    the policy's states that were used for loans, this one and the borrower's others. `past` scores moved no state.
    `written` is the chain and the number in it of the entry that keeps the score.
    """

    score_id: str
    source: str
    columns: Mapping[str, Any]
    said: Mapping[str, Any]
    data: Mapping[str, Any] | bytes | None
    states: States
    past: bool = False
    written: tuple[str, int] = ("", 0)


def told_of(journal: Journal, segments: Segments | None, score_id: str) -> Told:
    """What was said under an id. Raises Refusal where the journal does not know it."""
    kept = journal.score(score_id)
    if kept is not None:
        return replace(_answered(journal, kept.entry), written=(kept.chain, kept.seq))
    night, part, row = (*score_id.rsplit(".", 2), "", "")[:3]
    segment = segments.get(night) if segments and row.isdecimal() else None
    if segment is None:
        raise Refusal(f"score {score_id}: the journal does not know it")
    try:
        told = _of_night(segment, part, int(row), score_id)
        return replace(told, written=(segment.kept.chain, segment.kept.seq))
    except LookupError as error:
        raise Refusal(f"score {score_id}: {error.args[0]}") from None


def made_with(journal: Journal, told: Told) -> Means | None:
    """The entry that says with what a score was made: the last one before it in its chain that names the same hashes.

    None for scores from before there were such entries.
    """
    (chain, seq), table = told.written, TYPED[Means.KIND]
    same = [table.c[name] == told.columns[name] for name in ("bundle_id", "pack_hash", "context_hash")]
    question = asked(table).where(ENTRIES.c.chain == chain, ENTRIES.c.seq < seq, *same)
    found = journal.select(Means, question, 1, None).rows
    return found[0].entry if found else None


def said_of(entry: Score, details: Mapping[str, Any] | None, after: State) -> dict[str, Any]:
    """What a score says: its columns, and what its payloads hold where they are there."""
    columns = {name: getattr(entry, name) for name in entry.__struct_fields__ if name not in _KEYS}
    return columns | {name: value for name, value in (details or {}).items() if name != BESIDE} | _after(after)


def said_in(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the row of a night says."""
    decoded = {name: msgspec.json.decode(row[name]) for name in _TEXTS if row.get(name)}
    left_out = (_KEYS - {STATE_NEXT}) | {*GROUPS, TOLD}
    return {name: decoded.get(name, value) for name, value in row.items() if name not in left_out}


def _answered(journal: Journal, entry: Score) -> Told:
    """A score of a request or an event."""
    details = _value(journal, entry.details)
    states = {entry.loan_id: journal.value(entry.state_used)} | ((details or {}).get(BESIDE) or {})
    columns = {name: getattr(entry, name) for name in (*_KEYS, "context_hash")}
    said = said_of(entry, details, _value(journal, entry.state_next))
    data = _payload(journal, entry.data)
    found = msgspec.json.decode(data) if data is not None and data.startswith(b"{") else data
    past = not entry.state_next
    return Told(entry.score_id, entry.source, columns, said, found, lambda loans: [*map(states.get, loans)], past)


def _of_night(segment: Segment, part: str, number: int, score_id: str) -> Told:
    """A row of a night. Raises LookupError."""
    facts, row = segment.entry, segment.row(part, number)
    columns = {name: getattr(facts, name) for name in ("as_of", "cutoff", "bundle_id", "pack", "pack_hash")}
    columns |= {"loan_id": row["loan_id"], "borrower_id": row["borrower_id"], "context_hash": facts.context_hash}
    data = {"store": facts.store, "upto": 0, "borrower": row["borrower_id"]}

    def states(loans: Sequence[str]) -> list[State]:
        rows = segment.lookup(loans, ("loan_id", STATE_USED))
        texts = [rows.get(loan, {}).get(STATE_USED) for loan in loans]
        return [msgspec.json.decode(text) if text else None for text in texts]

    return Told(score_id, NIGHT, columns, said_in(row), data, states)


def _after(state: State) -> dict[str, Any]:
    return {} if state is None else {STATE_NEXT: state}


def _value(journal: Journal, name: str) -> Any:
    content = _payload(journal, name)
    return None if content is None else msgspec.json.decode(content)


def _payload(journal: Journal, name: str) -> bytes | None:
    """A payload, None where it was erased or damaged."""
    try:
        return journal.payload(name)
    except (Damaged, KeyError):
        return None
