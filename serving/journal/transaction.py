"""One transaction of the journal: the submissions of many callers become entries of one chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import postgresql, sqlite

from serving.journal.entries import DEAD, DELIVERED, OPEN, PENDING
from serving.journal.entry import APPROVED, PROPOSED
from serving.journal.errors import Conflict, KeyReused
from serving.journal.kinds import Prepared
from serving.journal.rows import Head, Rows, Standing, packed, unpacked
from serving.journal.schema import ANSWERS, STANDINGS
from serving.journal.statements import run
from serving.journal.submission import Answer, Receipt, Submission

Outcome = Receipt | Exception
_BEGINS: Final = {
    "alert": ("alert_id", OPEN),
    "task": ("task_id", OPEN),
    "override": ("override_id", PROPOSED),
    "delivery": ("delivery_id", PENDING),
}
"""Kinds that begin a life: their id, and where they stand then."""
STEPS: Final = {
    "alert_step": ("alert", "alert_id", "step"),
    "task_step": ("task", "task_id", "step"),
    "override_step": ("override", "override_id", "step"),
    "attempt": ("delivery", "delivery_id", "attempt"),
}
"""Kinds that are steps: whose life, its id, and the column that counts."""
_ONCE: Final = {"alert": "alert_id", "delivery": "delivery_id"}
"""Kinds that are skipped when their id is there already."""
_ASKED_AT_ONCE: Final = 500


class Transaction:
    """Turns submissions into rows on a connection with an open transaction; the caller commits."""

    def __init__(self, connection: Connection, chain: str, head: Head, at: int, entries: int) -> None:
        self._connection = connection
        self._rows = Rows(chain, at, places(connection, entries), head)
        self._standing: dict[tuple[str, str], tuple[str, int]] = {}

    @property
    def head(self) -> Head:
        """The end of the chain with what was added."""
        return self._rows.head

    def take(self, group: Sequence[Submission], opening: Sequence[Prepared] = ()) -> list[Outcome]:
        """Write `opening`, then the submissions that can be written; what became of each of these, in their order."""
        for entry in opening:
            self._rows.add(entry)
        self._look(entry for submission in group for entry in submission.entries)
        outcomes: dict[int, Outcome] = {}
        keyed = sorted((n for n, one in enumerate(group) if one.answer), key=lambda n: _key(group[n].answer))
        for n in [*keyed, *(n for n, one in enumerate(group) if not one.answer)]:
            try:
                outcomes[n] = self._one(group[n])
            except (Conflict, KeyReused) as refused:
                outcomes[n] = refused
        self._rows.write(self._connection)
        return [outcomes[n] for n in range(len(group))]

    def _one(self, submission: Submission) -> Receipt:
        answer = submission.answer
        first = read_answer(self._connection, answer.scope, answer.key, answer.body_hash) if answer else None
        if not first:
            self._check(submission.entries)
            first = self._keep(answer) if answer else None
        if first:
            return Receipt(self._rows.chain, (), self._rows.at, first)
        written, skipped = [], []
        for entry in submission.entries:
            if self._is_there(entry):
                written.append(0)
                skipped.append(str(entry.columns[_ONCE[entry.kind.name]]))
            else:
                written.append(self._rows.add(entry))
                self._stand(entry, written[-1])
        return Receipt(self._rows.chain, tuple(written), self._rows.at, None, tuple(skipped))

    def _keep(self, answer: Answer) -> Answer | None:
        """Keep the answer under its key; what is there where another process was first just now."""
        make = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        values = {"body_hash": answer.body_hash, "status": answer.status, "at": self._rows.at}
        statement = make(ANSWERS).values(scope=answer.scope, key=answer.key, content=pack_answer(answer), **values)
        kept = self._connection.execute(statement.on_conflict_do_nothing().returning(ANSWERS.c.key)).first()
        return None if kept else read_answer(self._connection, answer.scope, answer.key, answer.body_hash)

    def _look(self, entries: Iterable[Prepared]) -> None:
        """Find out where the lives that are spoken of stand, and which ids are there."""
        lives: dict[str, set[str]] = {}
        for entry in entries:
            kind = entry.kind.name
            if kind in STEPS:
                whose, id_, _ = STEPS[kind]
                lives.setdefault(whose, set()).add(entry.columns[id_])
            elif kind in _ONCE:
                lives.setdefault(kind, set()).add(entry.columns[_ONCE[kind]])
        for whose, ids in lives.items():
            for row in self._standings(whose, sorted(ids)):
                self._standing[whose, row.id] = (row.status, row.step)

    def _standings(self, whose: str, ids: list[str]) -> Iterable[Any]:
        for start in range(0, len(ids), _ASKED_AT_ONCE):
            some = ids[start : start + _ASKED_AT_ONCE]
            yield from self._connection.execute(
                select(STANDINGS.c.id, STANDINGS.c.status, STANDINGS.c.step).where(
                    STANDINGS.c.kind == whose, STANDINGS.c.id.in_(some)
                )
            )

    def _check(self, entries: Iterable[Prepared]) -> None:
        """Raise Conflict where a step does not follow the last one; entries of this call count."""
        steps: dict[tuple[str, str], int] = {}
        for entry in entries:
            kind = entry.kind.name
            if kind in _BEGINS:
                steps.setdefault((kind, entry.columns[_BEGINS[kind][0]]), 0)
            elif kind in STEPS:
                whose, id_, count = STEPS[kind]
                life = (whose, entry.columns[id_])
                last = max(steps.get(life, -1), self._standing.get(life, ("", -1))[1])
                if last < 0:
                    raise Conflict(f"{whose} {life[1]}: there is no such {whose}")
                if entry.columns[count] != last + 1:
                    raise Conflict(f"{whose} {life[1]}: got step {entry.columns[count]}, the next one is {last + 1}")
                if kind == "attempt" and self._standing.get(life, ("", 0))[0] in (DELIVERED, DEAD):
                    raise Conflict(f"delivery {life[1]}: it is at its end")
                if kind == "override_step" and self._standing.get(life, (PROPOSED, 0))[0] != PROPOSED:
                    raise Conflict(f"override {life[1]}: it was {self._standing[life][0]} already")
                steps[life] = entry.columns[count]

    def _is_there(self, entry: Prepared) -> bool:
        kind = entry.kind.name
        return kind in _ONCE and (kind, entry.columns[_ONCE[kind]]) in self._standing

    def _stand(self, entry: Prepared, place: int) -> None:
        """Follow a life: where it stands after this entry."""
        made = standing_after(entry.kind.name, entry.columns)
        if made:
            kind, id_, standing = made
            self._standing[kind, id_] = (standing.status, standing.step)
            self._rows.stand(kind, id_, standing, place)


def standing_after(kind: str, columns: Mapping[str, Any]) -> tuple[str, str, Standing] | None:
    """Which life an entry belongs to, its id, and where it stands after it; None for kinds without a life."""
    if kind in _BEGINS:
        id_, status = _BEGINS[kind]
        status = APPROVED if columns.get("approved_by") else status
        return kind, columns[id_], Standing(status, 0, columns.get("due_at", 0))
    if kind == "attempt":
        status = PENDING if columns["outcome"] == "failed" else columns["outcome"]
        return "delivery", columns["delivery_id"], Standing(status, columns["attempt"], columns["next_at"])
    if kind in STEPS:
        whose, id_, count = STEPS[kind]
        status = OPEN if columns["status"] == "reopened" else columns["status"]
        return whose, columns[id_], Standing(status, columns[count], 0)
    return None


def places(connection: Connection, n: int) -> Iterator[int]:
    """`n` rising places that nobody else will use."""
    if connection.dialect.name == "postgresql":
        drawn = text("SELECT nextval('entries_place') FROM generate_series(1, :n)")
        return iter([int(row[0]) for row in connection.execute(drawn, {"n": n})])
    (last,) = run(connection, "SELECT coalesce(max(place), 0) FROM entries").fetchone()
    return iter(range(last + 1, last + 1 + n))


def pack_answer(answer: Answer) -> bytes:
    """The content of an answer as it is stored: how, a zero byte, and what."""
    form, content = packed(answer.content)
    return form.encode() + b"\0" + content


def read_answer(connection: Connection, scope: str, key: str, body_hash: str) -> Answer | None:
    """What was answered under a key, None where it is new; raises KeyReused where the body was another one."""
    found = connection.execute(select(ANSWERS).where(ANSWERS.c.scope == scope, ANSWERS.c.key == key)).first()
    if found is None:
        return None
    if found.body_hash != body_hash:
        raise KeyReused(key)
    form, _, content = bytes(found.content).partition(b"\0")
    return Answer(scope, key, body_hash, found.status, unpacked(form.decode(), content))


def _key(answer: Answer | None) -> tuple[str, str]:
    return (answer.scope, answer.key) if answer else ("", "")
