"""How large a request may be."""

from __future__ import annotations

from typing import Final

MOST_ROWS: Final = 200_000
"""Most rows in all tables of one request."""
MOST_REQUESTS: Final = 1_000
"""Most borrowers in one batch."""
MOST_FAULTS: Final = 1_000
"""Faults of one table from which on its later rows are not read."""
MOST_SCORED: Final = 1_000
"""Most loans to score in one request."""
