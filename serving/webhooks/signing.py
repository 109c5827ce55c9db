"""Signatures of the Standard Webhooks form, version 1: HMAC-SHA256 over id, time and body.

Source: the Standard Webhooks specification (standardwebhooks.com).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from hashlib import sha256

from book.errors import Refusal

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
TOLERANCE = 300
"""Seconds by which the time of a message may differ from a receiver's clock."""


def secret_of(text: str, name: str = "secret") -> bytes:
    """The key in `whsec_BASE64`. Raises Refusal where it is none, or not 24 to 64 bytes long; never shows it."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise Refusal(f"{name}: not a webhook secret; allowed: {PREFIX} and the base64 of 24 to 64 random bytes")
    return key


def signed(key: bytes, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of a message sent at second `at` of UTC."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{_signature(key, message_id, str(at), body)}",
    }


def genuine(key: bytes, headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Whether a received message was signed with `key` and is not older or newer than the tolerance."""
    stamp = headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal()) or abs(now - int(stamp)) > TOLERANCE:
        return False
    wanted = _signature(key, headers.get("webhook-id", ""), stamp, body)
    given = [one.partition(",") for one in headers.get("webhook-signature", "").split()]
    return any(version == "v1" and hmac.compare_digest(wanted.encode(), made.encode()) for version, _, made in given)


def _signature(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    content = f"{message_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(key, content, sha256).digest()).decode()
