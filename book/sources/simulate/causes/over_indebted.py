"""Over-indebtedness: one new lender after another, some asked in vain, until repayments eat the income."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws

BUILD_UP = 6  # months in which lenders still lend


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Loans of half to two incomes in the build-up; repayments elsewhere rise to half the income and more."""
    months = strain.income.shape[1]
    n = len(spell.who)
    since, on = spell.since(months), spell.on(months)
    building = on & (since < BUILD_UP)
    takes = building & draws.chance(0.65, n, months)
    size = draws.between(0.4, 1.6, n, months) * (0.3 + 0.7 * spell.severity)[:, None]
    taken = np.where(takes, size, 0.0)
    strain.borrowed[spell.who] += taken
    strain.new_lenders[spell.who] += takes
    strain.inquiries[spell.who] += np.where(building, draws.whole(0, 2, n, months), 0)
    debt = np.cumsum(taken, axis=1) - taken
    strain.repaid_elsewhere[spell.who] += np.where(on, np.minimum(0.22 * debt, 1.1), 0.0)
