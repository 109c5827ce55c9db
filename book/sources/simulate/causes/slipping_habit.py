"""Slipping habit: the borrower can pay but pays later each month, and at last skips."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Pay day slips by one to five days a month; from the third month on dues are skipped ever more often."""
    months = strain.income.shape[1]
    since, on = spell.since(months), spell.on(months)
    pace = (0.8 + 4.0 * spell.severity)[:, None]
    strain.habit[spell.who] += np.where(on, np.minimum(pace * (since + 1), 40.0), 0.0)
    skip = np.clip((since - 2) * 0.17, 0.0, 0.9) * (0.35 + 0.65 * spell.severity)[:, None]
    skip = skip * draws.between(0.8, 1.2, *on.shape)
    strain.will[spell.who] -= np.where(on, np.clip(skip, 0.0, 0.95), 0.0)
