"""What is handed to the writer, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from serving.journal.chain import digest
from serving.journal.kinds import Prepared


@dataclass(frozen=True)
class Answer:
    """What was answered under an idempotency key; `scope` keeps the keys of different actors and routes apart."""

    scope: str
    key: str
    body_hash: str
    status: int
    content: bytes

    @classmethod
    def of(cls, scope: str, key: str, body: bytes, status: int, content: bytes) -> Answer:
        """The answer `content` to the request `body`."""
        return cls(scope, key, digest(body), status, content)


@dataclass(frozen=True)
class Receipt:
    """What became of one call of `write`.

    `places` are the places of its entries, 0 for those skipped because they were there before (`skipped`, their ids).
    `answer` is set where another request with the same key was first; nothing was written then.
    """

    chain: str
    places: tuple[int, ...]
    at: int
    answer: Answer | None = None
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """One call of `write`: all of it is written in one transaction, or none. `until` is when its patience ends."""

    entries: Sequence[Prepared]
    answer: Answer | None
    until: float
    future: Future[Receipt] = field(default_factory=Future)
