"""Confounder: the bank's debits fail for technical reasons for some months; the borrower pays by hand."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Most debits of the spell fail; a failed debit is made good within days."""
    months = strain.income.shape[1]
    fails = draws.between(0.7, 1.0, len(spell.who))[:, None]
    strain.technical[spell.who] = np.where(spell.on(months), fails, strain.technical[spell.who])
