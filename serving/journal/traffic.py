"""Entries that machines write: events that come in, messages that go out, nightly runs, the journal's own doings."""

from __future__ import annotations

from serving.journal.entry import Entry, Payload


class Event(Entry, frozen=True, kw_only=True):
    """New rows about one borrower that came by the API; `tables` names them, `rows` holds them, pseudonymised."""

    KIND = "event"
    TABLE = "events"
    UNIQUE = (("event_id",),)
    INDEXED = (("borrower_id", "received_at"),)

    event_id: str
    borrower_id: str
    received_at: int
    tables: str
    actor: str
    request_id: str
    rows: Payload = None


class Delivery(Entry, frozen=True, kw_only=True):
    """A message to another system, written in the transaction of what it tells of."""

    KIND = "delivery"
    TABLE = "deliveries"
    UNIQUE = (("delivery_id",),)
    INDEXED = (("subject", "place"),)

    delivery_id: str
    endpoint: str
    topic: str
    subject: str
    due_at: int
    request_id: str
    body: Payload = None


class Attempt(Entry, frozen=True, kw_only=True):
    """One attempt to deliver: `outcome` delivered, failed (again at `next_at`) or dead."""

    KIND = "attempt"
    TABLE = "attempts"
    UNIQUE = (("delivery_id", "attempt"),)

    delivery_id: str
    attempt: int
    outcome: str
    status: int = 0
    error: str = ""
    next_at: int = 0


class Segment(Entry, frozen=True, kw_only=True):
    """A nightly run: the rows are in sealed files, the hash of their manifest is here."""

    KIND = "segment"
    TABLE = "segments"
    UNIQUE = (("name",),)
    INDEXED = (("kind", "as_of"),)

    name: str
    kind: str
    as_of: int
    cutoff: int
    rows: int
    parts: int
    manifest_hash: str
    bundle_id: str
    pack: str
    pack_hash: str
    context_hash: str
    book_hash: str
    store: str
    actor: str


class Means(Entry, frozen=True, kw_only=True):
    """What the scores of this chain are made with from here on; the archive holds each under its hash.

    `code_hash` is that of the program's sources, `libraries` those whose arithmetic it uses.
    """

    KIND = "means"
    TABLE = "means"
    INDEXED = (("pack_hash", "bundle_id"),)

    bundle_id: str
    pack: str
    pack_hash: str
    context_hash: str
    settings_hash: str
    version: str
    code_hash: str
    libraries: str
    actor: str


class Erasure(Entry, frozen=True, kw_only=True):
    """Payloads last used before a moment were erased; `digest` is the hash of their sorted hashes."""

    KIND = "erasure"
    TABLE = "erasures"
    UNIQUE = (("erasure_id",),)

    erasure_id: str
    before: int
    payloads: int
    digest: str
    actor: str


class Opening(Entry, frozen=True, kw_only=True):
    """A writer began to use a chain; `heads` are the last entries of the other chains as it found them (JSON)."""

    KIND = "opening"
    TABLE = "openings"

    writer: str
    version: str
    heads: str
