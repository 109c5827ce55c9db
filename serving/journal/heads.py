"""The last entry of every chain."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from serving.journal.rows import Head
from serving.journal.schema import ENTRIES


def chains(connection: Connection) -> Iterator[str]:
    """The names of all chains, by one look into the index each."""
    name: str | None = ""
    while name is not None:
        name = connection.execute(select(func.min(ENTRIES.c.chain)).where(ENTRIES.c.chain > name)).scalar()
        if name is not None:
            yield name


def heads(connection: Connection) -> dict[str, Head]:
    """The end of every chain, by the chain's name."""
    return {name: head for name in chains(connection) if (head := head_of(connection, name)) is not None}


def head_of(connection: Connection, chain: str) -> Head | None:
    """The end of one chain, None where it has no entry."""
    last = select(ENTRIES.c.seq, ENTRIES.c.hash).where(ENTRIES.c.chain == chain)
    found = connection.execute(last.order_by(ENTRIES.c.seq.desc()).limit(1)).first()
    return Head(found.seq, found.hash) if found else None
