"""What can go wrong in the journal, in words for the caller."""

from __future__ import annotations


class JournalDown(RuntimeError):
    """The journal could not be written or read: the database is gone, its disk is full, or it stayed locked.

    `unknown` is True where the connection broke in the middle of a commit, so that it may or may not have happened;
    ask again with the same idempotency key. Otherwise nothing of the call was written.
    """

    def __init__(self, why: str, unknown: bool = False) -> None:
        state = "it is not known whether the entries were written" if unknown else "nothing was written"
        super().__init__(f"the journal cannot be used; {state}; got: {why}")
        self.unknown = unknown


class Conflict(RuntimeError):
    """Somebody else was faster, or the same id was written before; nothing of the call was written."""


class KeyReused(RuntimeError):
    """An idempotency key came a second time with another body."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key!r}: it was used before with another body; allowed: a new key")
        self.key = key


class Damaged(RuntimeError):
    """What the journal holds under a hash is not what was hashed."""
