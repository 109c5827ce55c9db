"""Confounder: another bank offers better terms; income moves there, a standing order brings back what is due here."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """30 to 100 % of the income moves at once and for good; money and will stay as they were."""
    months = strain.income.shape[1]
    part = draws.between(0.3, 1.0, len(spell.who))[:, None]
    moved = np.where(spell.since(months) >= 0, part, 0.0)
    strain.moved_income[spell.who] = np.maximum(strain.moved_income[spell.who], moved)
