"""Collateral decay: the pledged thing loses its worth, and with it the reason to pay, and the work done with it."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Value falls for good by 35 to 75 % over four months; will and income fall with it while the spell lasts."""
    months = strain.income.shape[1]
    since, on = spell.since(months), spell.on(months)
    fallen = np.clip((since + 1) / 4.0, 0.0, 1.0)
    strain.pledge[spell.who] *= 1.0 - fallen * (0.35 + 0.40 * spell.severity)[:, None]
    reluctance = fallen * (0.50 + 0.45 * spell.severity)[:, None] * draws.between(0.8, 1.0, *on.shape)
    strain.will[spell.who] -= np.where(on, reluctance, 0.0)
    strain.income[spell.who] *= 1.0 - np.where(on, 0.25 * fallen * spell.severity[:, None], 0.0)
