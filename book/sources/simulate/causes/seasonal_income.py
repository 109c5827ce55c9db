"""Confounder: income, and what a firm invoices, comes by season; the year as a whole is as good as any."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws

_YEAR = np.array([1.25, 1.0, 0.75, 0.65, 0.7, 0.85, 1.1, 1.3, 1.35, 1.2, 0.95, 0.9])


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Income swings over the year by up to a third either way, over the whole window."""
    months = strain.income.shape[1]
    start = draws.whole(0, 11, len(spell.who))
    season = _YEAR[(np.arange(months)[None, :] + start[:, None]) % 12]
    swing = 1.0 + (season - 1.0) * (0.4 + 0.6 * spell.severity)[:, None]
    strain.income[spell.who] *= swing
    strain.sales[spell.who] *= swing
