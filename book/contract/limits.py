"""Bounds that hold for every value of the contract, whatever its column."""

from __future__ import annotations

from datetime import date
from typing import Final

FIRST_DATE: Final = date(1900, 1, 1)
LAST_DATE: Final = date(2200, 12, 31)
FIRST_DAY: Final = (FIRST_DATE - date(1970, 1, 1)).days
LAST_DAY: Final = (LAST_DATE - date(1970, 1, 1)).days
MICROSECONDS_A_DAY: Final = 86_400_000_000
FIRST_STAMP: Final = FIRST_DAY * MICROSECONDS_A_DAY
LAST_STAMP: Final = LAST_DAY * MICROSECONDS_A_DAY
MAX_MONEY: Final = 10**13
"""Largest money value in major units; up to here a float64 tells any two cents apart."""
MAX_COUNT: Final = 2_000_000_000
MAX_TEXT: Final = 2_000
"""Most characters of a text or an id."""
