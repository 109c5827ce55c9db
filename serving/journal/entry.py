"""What all entries have in common.

Text is "" where there is none. Days count from 1970-01-01, moments are UTC microseconds, money is in minor units, NaN
is "no value". A field of type `Payload` takes bytes or any JSON value; it is kept apart under its hash, so that
retention can erase it and leave the chain whole. What is read back holds the hash in its place.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Struct

Payload = Annotated[Any, "payload"]
OPEN = "open"
CLOSED = "closed"
PENDING = "pending"
DELIVERED = "delivered"
DEAD = "dead"
PROPOSED = "proposed"
APPROVED = "approved"
DECLINED = "declined"


class Entry(Struct, frozen=True, kw_only=True):
    """One entry.

    `KIND` names it in the chain, `TABLE` is where its columns are; `UNIQUE` and `INDEXED` are groups of columns.
    """

    KIND: ClassVar[str] = ""
    TABLE: ClassVar[str] = ""
    UNIQUE: ClassVar[tuple[tuple[str, ...], ...]] = ()
    INDEXED: ClassVar[tuple[tuple[str, ...], ...]] = ()
