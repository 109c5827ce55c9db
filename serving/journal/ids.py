"""Ids that sort roughly by time and never meet, whatever the clock does."""

from __future__ import annotations

import secrets
import time
from typing import Final

_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"


def now_us() -> int:
    """The moment, UTC microseconds."""
    return time.time_ns() // 1_000


def new_id(letter: str) -> str:
    """`letter`, ten digits of the time in milliseconds, and 80 random bits, in base 32."""
    value = (now_us() // 1_000 << 80) | secrets.randbits(80)
    return letter + "".join(_DIGITS[(value >> shift) & 31] for shift in range(125, -1, -5))
