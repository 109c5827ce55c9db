"""Confounder: a new valuer marks the pledged thing down; the borrower does not even know."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Value is 12 to 35 % lower from the onset on."""
    months = strain.income.shape[1]
    down = draws.between(0.12, 0.35, len(spell.who))[:, None]
    strain.pledge[spell.who] *= 1.0 - np.where(spell.since(months) >= 0, down, 0.0)
