"""The chain: every entry is hashed together with the one before it in the same chain.

Canonical form of a value is JSON in UTF-8: keys sorted, no spaces, the shortest decimal that reads back to the same
float, no NaN. All hashes are SHA-256 in hex.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

START: Final = "0" * 64
"""What stands before the first entry of a chain."""
_ENCODER: Final = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """The one way to write a value."""
    return _ENCODER.encode(value)


def digest(content: bytes) -> str:
    """The hash of some bytes."""
    return sha256(content).hexdigest()


def body_hash(body: Mapping[str, Any]) -> str:
    """The hash of an entry's own columns."""
    return digest(canonical(body))


def link(before: str, chain: str, seq: int, at: int, kind: str, body: str) -> str:
    """The hash of the entry `seq` (from 1) of a chain, `before` being that of the entry before it.

    `at` is its moment (UTC microseconds), `body` the hash of its columns.
    """
    return digest(canonical([before, chain, seq, at, kind, body]))
