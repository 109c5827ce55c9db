"""Retention: payloads that nobody needs any more are erased, the chain of their hashes stays."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from serving.journal.entries import Erasure
from serving.journal.ids import new_id
from serving.journal.journal import Journal
from serving.journal.payload_check import digest_of
from serving.journal.schema import ANSWERS, PAYLOADS

_AT_ONCE = 500


@dataclass(frozen=True)
class Erased:
    """What an erasure took: payloads, and answers under idempotency keys."""

    erasure_id: str
    payloads: int
    answers: int


def erase(journal: Journal, before: int, actor: str) -> Erased:
    """Erase the content of all payloads last used before a moment (UTC microseconds), and answers given before it.

    The entry that says so is written first: after a kill in between, the same call goes on where it stopped. Payloads
    that a later entry named again meanwhile stay. What is erased cannot be replayed any more.
    """
    with journal.connection() as connection:
        due = select(PAYLOADS.c.hash).where(PAYLOADS.c.last_used < before, PAYLOADS.c.content.is_not(None))
        hashes = list(connection.execute(due.order_by(PAYLOADS.c.hash)).scalars())
    count, together = digest_of(iter(hashes))
    erasure = Erasure(erasure_id=new_id("E"), before=before, payloads=count, digest=together, actor=actor)
    journal.write(erasure).result()
    taken = 0
    with journal.connection() as connection:
        for start in range(0, len(hashes), _AT_ONCE):
            taken += _blank(connection, hashes[start : start + _AT_ONCE], before, erasure.erasure_id)
        forgotten = connection.execute(delete(ANSWERS).where(ANSWERS.c.at < before)).rowcount
        connection.commit()
    return Erased(erasure.erasure_id, taken, int(forgotten))


def _blank(connection: Connection, hashes: list[str], before: int, erasure_id: str) -> int:
    still = PAYLOADS.c.hash.in_(hashes) & (PAYLOADS.c.last_used < before) & PAYLOADS.c.content.is_not(None)
    changed = connection.execute(update(PAYLOADS).where(still).values(content=None, erased_by=erasure_id)).rowcount
    connection.commit()
    return int(changed)
