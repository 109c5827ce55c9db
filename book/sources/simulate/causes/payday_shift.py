"""Confounder: the employer moves payday; payments move with it."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Payday moves by 5 to 12 days for good, either way; for some months manual payments move with it."""
    months = strain.income.shape[1]
    n = len(spell.who)
    way = np.where(draws.chance(0.7, n), 1, -1)
    days = (way * draws.whole(5, 12, n))[:, None]
    since = spell.since(months)
    strain.payday_shift[spell.who] += np.where(since >= 0, days, 0)
    strain.habit[spell.who] += np.where(spell.on(months), np.maximum(days, 0) / 2.0, 0.0)
