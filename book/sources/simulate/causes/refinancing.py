"""Confounder: the borrower shops around for a cheaper loan elsewhere, and one new lender takes over the old debt."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """One to three inquiries a month for two months; the old debt is paid off by the new lender's money."""
    months = strain.income.shape[1]
    since = spell.since(months)
    asking = (since >= 0) & (since < 2)
    strain.inquiries[spell.who] += np.where(asking, draws.whole(1, 3, *since.shape), 0)
    strain.refinanced[spell.who] |= since >= 2
