"""Ids of persons, firms and accounts as keyed HMAC-SHA256: equal ids stay equal, none can be read back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from book.errors import Refusal

KEY_VARIABLE: Final = "LOANWATCH_ID_KEY"
DEMO_VARIABLE: Final = "LOANWATCH_DEMO"
SHORTEST_KEY: Final = 16
_DEMO_KEY: Final = b"loanwatch demo key, never for real ids"
_HASH_BLOCK: Final = 64
_NUMBER_BYTES: Final = 8
_NAME_BYTES: Final = 16


@dataclass(frozen=True)
class Pseudonyms:
    """Turns ids into pseudonyms with one secret key."""

    key: bytes = field(repr=False)

    def numbers(self, words: Sequence[str]) -> NDArray[np.int64]:
        """First 8 bytes of each word's HMAC as a signed number, shape (n,); 0 is left for "missing"."""
        digests = b"".join([digest[:_NUMBER_BYTES] for digest in self._digests(words)])
        return np.frombuffer(digests, ">i8").astype(np.int64)

    def names(self, words: Sequence[str]) -> list[str]:
        """First 16 bytes of each word's HMAC in hex."""
        return [digest[:_NAME_BYTES].hex() for digest in self._digests(words)]

    def _digests(self, words: Sequence[str]) -> Iterator[bytes]:
        """HMAC-SHA256 of each word (RFC 2104); what the key alone gives is worked out once for all of them."""
        inside, outside = _begun(self.key)
        for word in words:
            inner, outer = inside.copy(), outside.copy()
            inner.update(word.encode())
            outer.update(inner.digest())
            yield outer.digest()


@lru_cache(maxsize=8)
def _begun(key: bytes) -> tuple[Any, Any]:
    """The inner and the outer hash of HMAC after the key."""
    padded = (key if len(key) <= _HASH_BLOCK else sha256(key).digest()).ljust(_HASH_BLOCK, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in padded)), sha256(bytes(byte ^ 0x5C for byte in padded))


def pseudonyms_from_environment(environment: Mapping[str, str] | None = None) -> Pseudonyms:
    """The pseudonyms of the key in LOANWATCH_ID_KEY (hex, at least 16 bytes).

    The demo key is taken only where LOANWATCH_DEMO is 1 and no key is set. Raises Refusal where there is no
    usable key; the message never shows the key.
    """
    values = os.environ if environment is None else environment
    secret = values.get(KEY_VARIABLE, "").strip()
    if not secret:
        if values.get(DEMO_VARIABLE) == "1":
            return Pseudonyms(_DEMO_KEY)
        raise Refusal(
            f"{KEY_VARIABLE}: no key to pseudonymise ids with; got: nothing; allowed: a secret of at least "
            f"{SHORTEST_KEY} bytes in hex (make one with `openssl rand -hex 32` and keep it), or "
            f"{DEMO_VARIABLE}=1 for simulated books only"
        )
    try:
        key = bytes.fromhex(secret)
    except ValueError:
        key = b""
    if len(key) < SHORTEST_KEY:
        raise Refusal(
            f"{KEY_VARIABLE}: the key cannot be used; got: {len(secret)} characters (not shown); "
            f"allowed: hex digits, at least {2 * SHORTEST_KEY} of them"
        )
    return Pseudonyms(key)
