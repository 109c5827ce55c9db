"""Strategic non-payment: the borrower stops paying us while liquid, and goes on paying others."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Will falls to a few per cent at once, after a month of hesitation; calls find the number dead more often."""
    months = strain.income.shape[1]
    since, on = spell.since(months), spell.on(months)
    hesitant = draws.between(0.3, 0.9, len(spell.who))[:, None]
    refuses = 0.12 * (1.0 - spell.severity)[:, None]
    strain.will[spell.who] = np.where(on, np.where(since == 0, hesitant, refuses), strain.will[spell.who])
    strain.unreachable[spell.who] += np.where(on & (since > 0), 0.15 + 0.35 * spell.severity[:, None], 0.0)
