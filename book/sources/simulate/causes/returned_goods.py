"""Confounder: a purchase is cancelled, and the supplier sends part of the proceeds back (`proceeds.py`)."""

from __future__ import annotations

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Nothing changes but the way of the proceeds of the first loan."""
