"""Firm decline: orders dry up, receipts follow two months later, suppliers sue, taxes stay unpaid."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws

LAG = 2  # months by which receipts follow invoices


def apply(strain: Strain, spell: Spell, draws: Draws) -> None:
    """Sales fall by 25 to 85 % over six months, and receipts after them; later 60 to 90 % of it is back."""
    months = strain.income.shape[1]
    since = spell.since(months)
    fall = (0.25 + 0.60 * spell.severity)[:, None]
    lost_for_good = fall * draws.between(0.1, 0.4, len(spell.who))[:, None]
    for factor, months_since in ((strain.sales, since), (strain.income, since - LAG)):
        falling = fall * np.clip((months_since + 1) / 6.0, 0.0, 1.0)
        over = months_since >= spell.length[:, None]
        factor[spell.who] *= 1.0 - np.where(over, np.minimum(falling, lost_for_good), falling)
