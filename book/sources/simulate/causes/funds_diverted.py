"""Funds diverted: money goes to gambling (what becomes of the loan itself: `proceeds.py`)."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """20 to 90 % of income is gambled away, more each month for five months, in fits and starts."""
    months = strain.income.shape[1]
    since, on = spell.since(months), spell.on(months)
    level = (0.20 + 0.70 * spell.severity)[:, None] * np.clip((since + 1) / 5.0, 0.0, 1.0)
    strain.gambled[spell.who] += np.where(on, level * draws.between(0.3, 1.4, *on.shape), 0.0)
