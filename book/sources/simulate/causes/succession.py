"""Confounder: the firm passes to the next generation and moves; the register shows it (`tables/public_events.py`)."""

from __future__ import annotations

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Nothing changes in the business."""
