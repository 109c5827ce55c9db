"""Income loss: the salary comes late once, then falls or stops; some find new work at less pay."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Income falls to 1 - severity over two months and comes back to 85-100 % after the spell."""
    months = strain.income.shape[1]
    since, on = spell.since(months), spell.on(months)
    fall = np.clip((since + 1) / 2.0, 0.0, 1.0) * (0.25 + 0.75 * spell.severity)[:, None]
    after = draws.between(0.85, 1.0, len(spell.who))[:, None]
    factor = np.where(on, 1.0 - fall, np.where(since >= 0, after, 1.0))
    strain.income[spell.who] *= factor
    strain.sales[spell.who] *= factor
    delay = np.where(on & (since < 3), draws.whole(0, 9, len(spell.who))[:, None], 0)
    strain.salary_delay[spell.who] += delay
