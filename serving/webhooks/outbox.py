"""The outbox: messages are written to the journal with what they tell of, and stand there until delivered."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from sqlalchemy import select

from serving.journal.entries import Delivery
from serving.journal.journal import Journal
from serving.journal.schema import TYPED

_ASKED_AT_ONCE = 500


def message_id(endpoint: str, topic: str, fact: str) -> str:
    """The id of the message about a fact to an endpoint: the receiver sees the same one however often it comes."""
    return "msg_" + sha256(f"{endpoint}\n{topic}\n{fact}".encode()).hexdigest()[:24]


def not_written(journal: Journal, ids: Sequence[str]) -> set[str]:
    """Those of the ids of messages that the journal does not know."""
    table, known = TYPED[Delivery.KIND], set()
    with journal.connection() as connection:
        for start in range(0, len(ids), _ASKED_AT_ONCE):
            some = list(ids[start : start + _ASKED_AT_ONCE])
            known |= {row.delivery_id for row in connection.execute(
                select(table.c.delivery_id).where(table.c.delivery_id.in_(some))
            )}  # fmt: skip
    return set(ids) - known


def message(endpoint: str, topic: str, fact: str, at: int, said: dict[str, Any], request_id: str) -> Delivery:
    """A message of the Standard Webhooks form: `type`, `timestamp` and `data`; `at` is UTC microseconds."""
    stamp = f"{np.datetime64(at, 'us')}Z"
    return Delivery(
        delivery_id=message_id(endpoint, topic, fact),
        endpoint=endpoint,
        topic=topic,
        subject=fact,
        due_at=at,
        request_id=request_id,
        body={"type": topic, "timestamp": stamp, "data": said},
    )
