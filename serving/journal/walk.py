"""One chain from its first entry to its last: every link computed again, every row compared with its hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, select

from serving.journal.chain import START, body_hash, link
from serving.journal.faults import Broken
from serving.journal.kinds import BY_NAME, Kind
from serving.journal.payload_check import Named, named_payloads
from serving.journal.schema import ENTRIES, TYPED
from serving.journal.tally import Tally

_AT_ONCE: Final = 2_000


def walk(connection: Connection, chain: str, tally: Tally) -> Iterator[Broken]:
    """Everything broken in a chain. What the entries say of lives, erasures and other chains goes to `tally`."""
    before, seq, place = START, 0, 0
    for block in _blocks(connection, chain):
        bodies = _bodies(connection, block)
        yield from named_payloads(connection, list(_named_in(block, bodies)), tally)
        for row in block:
            if row.seq != seq + 1:
                missing = (
                    f"entries {seq + 1} to {row.seq - 1} are missing" if row.seq > seq + 1 else "the number is wrong"
                )
                yield Broken(chain, row.seq, missing)
            yield from _faults(row, before, place, bodies)
            if bodies.get(row.place) is not None:
                tally.add(row, BY_NAME[row.kind], bodies[row.place])
            before, seq, place = row.hash, row.seq, row.place
            tally.entries += 1
    tally.ends[chain] = (seq, before)


def _blocks(connection: Connection, chain: str) -> Iterator[Sequence[Any]]:
    """The entries of a chain by their numbers, some thousand at a time."""
    last = -(1 << 62)
    while True:
        question = select(ENTRIES).where(ENTRIES.c.chain == chain, ENTRIES.c.seq > last)
        block = connection.execute(question.order_by(ENTRIES.c.seq).limit(_AT_ONCE)).all()
        if not block:
            return
        yield block
        last = block[-1].seq


def _bodies(connection: Connection, block: Sequence[Any]) -> dict[int, Mapping[str, Any]]:
    """The columns of each entry of a block, by place."""
    found: dict[int, Mapping[str, Any]] = {}
    for kind, rows in groupby(sorted(block, key=lambda row: str(row.kind)), key=lambda row: str(row.kind)):
        if kind in TYPED:
            table, places = TYPED[kind], [row.place for row in rows]
            for start in range(0, len(places), 500):
                some = select(table).where(table.c.place.in_(places[start : start + 500]))
                found.update({row.place: row._mapping for row in connection.execute(some)})
    return found


def _named_in(block: Sequence[Any], bodies: Mapping[int, Mapping[str, Any]]) -> Iterator[Named]:
    for row in block:
        columns = bodies.get(row.place)
        if columns is not None:
            yield from ((columns[name], row.chain, row.seq) for name in BY_NAME[row.kind].payloads if columns[name])


def _faults(row: Any, before: str, place: int, bodies: Mapping[int, Mapping[str, Any]]) -> Iterator[Broken]:
    chain, seq = row.chain, row.seq
    if row.before != before:
        yield Broken(chain, seq, "it does not follow the entry before it: one of them was changed, moved or taken out")
    if row.hash != link(row.before, chain, seq, row.at, row.kind, row.body):
        yield Broken(chain, seq, "the entry was changed: its hash is another one")
    if row.place <= place:
        yield Broken(chain, seq, "its place is not after that of the entry before it: it was moved")
    if row.kind not in BY_NAME:
        yield Broken(chain, seq, f"its kind {row.kind!r} is not known")
    elif row.place not in bodies:
        yield Broken(chain, seq, f"its row in {BY_NAME[row.kind].table} is missing")
    elif (found := _hashed(BY_NAME[row.kind], bodies[row.place])) != row.body:
        named = _named(BY_NAME[row.kind], bodies[row.place])
        yield Broken(
            chain, seq, f"its row in {BY_NAME[row.kind].table}{named} was changed: its hash is {found[:12]}..."
        )


def _hashed(kind: Kind, columns: Mapping[str, Any]) -> str:
    return body_hash({name: columns[name] for name in kind.columns})


def _named(kind: Kind, columns: Mapping[str, Any]) -> str:
    ids = kind.entry.UNIQUE[0] if kind.entry.UNIQUE else ()
    return " (" + ", ".join(str(columns[name]) for name in ids) + ")" if ids else ""
