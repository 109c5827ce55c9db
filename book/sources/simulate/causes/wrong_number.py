"""Confounder: the number on file is wrong for some months, until the borrower gives the new one."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Calls find nobody behind the number while the spell lasts."""
    months = strain.income.shape[1]
    strain.unreachable[spell.who] = np.where(spell.on(months), 1.0, strain.unreachable[spell.who])
