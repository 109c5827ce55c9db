"""The borrower takes income and money to another bank, and some months later stops paying us."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Half or more of the income moves within three months and stays there; will goes from the third month on."""
    months = strain.income.shape[1]
    since, on = spell.since(months), spell.on(months)
    part = 0.5 + 0.5 * spell.severity
    moved = np.clip((since + 1) / 3.0, 0.0, 1.0) * part[:, None]
    strain.moved_income[spell.who] = np.maximum(strain.moved_income[spell.who], moved)
    strain.moved_money[spell.who] = np.maximum(strain.moved_money[spell.who], moved)
    wait = draws.whole(3, 5, len(spell.who))[:, None]
    refuses = 0.25 * (1.0 - spell.severity)[:, None]
    strain.will[spell.who] = np.where(on & (since >= wait), refuses, strain.will[spell.who])
