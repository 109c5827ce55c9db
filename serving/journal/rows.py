"""Rows of one transaction, gathered kind by kind and written with one statement a table."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from serving.journal.chain import link
from serving.journal.kinds import Prepared
from serving.journal.statements import write

_PACK_FROM: Final = 200
PLAIN: Final = "plain"
PACKED: Final = "zlib"


@dataclass(frozen=True)
class Head:
    """The last entry of a chain: 0 and the start hash before the first."""

    seq: int
    hash: str


class Standing(NamedTuple):
    """Where an alert, a task or a delivery stands: after step `step`; `next_at` is when a delivery is due."""

    status: str
    step: int
    next_at: int


@dataclass
class Rows:
    """What a transaction will write; `head` moves with every entry that is added."""

    chain: str
    at: int
    places: Iterator[int]
    head: Head
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    typed: defaultdict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    payloads: dict[str, bytes] = field(default_factory=dict)
    standings: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)

    def add(self, entry: Prepared) -> int:
        """Put an entry at the end of the chain; its place."""
        before, seq, place = self.head.hash, self.head.seq + 1, next(self.places)
        name, body = entry.kind.name, entry.body_hash
        hashed = link(before, self.chain, seq, self.at, name, body)
        self.entries.append((place, self.chain, seq, self.at, name, body, before, hashed))
        self.typed[entry.kind.table].append((place, *entry.columns.values()))
        self.payloads.update(entry.payloads)
        self.head = Head(seq, hashed)
        return place

    def stand(self, kind: str, id_: str, standing: Standing, place: int) -> None:
        """Say where an alert, a task or a delivery stands now."""
        self.standings[kind, id_] = (kind, id_, *standing, place)

    def write(self, connection: Connection) -> None:
        """Write everything; rows that others may write too go in one order, so that nobody waits in a ring."""
        write(connection, "payloads", [self._payload(name) for name in sorted(self.payloads)])
        write(connection, "entries", self.entries)
        for table, rows in self.typed.items():
            write(connection, table, rows)
        write(connection, "standings", [self.standings[key] for key in sorted(self.standings)])

    def _payload(self, name: str) -> tuple[Any, ...]:
        return (name, *packed(self.payloads[name]), self.at, "")


def packed(content: bytes) -> tuple[str, bytes]:
    """How a payload is stored: small ones as they are, larger ones compressed."""
    if len(content) < _PACK_FROM:
        return PLAIN, content
    return PACKED, zlib.compress(content, 1)


def unpacked(form: str, content: bytes) -> bytes:
    """The payload of what is stored."""
    return zlib.decompress(content) if form == PACKED else content
