"""The books of firms: what they invoice, month by month, from two years before the window on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.draws import Draws, Floats, Ints, cents
from book.sources.simulate.extract import customers, first_payout
from book.sources.simulate.part import Part

LEAD = 24  # months before the window


@dataclass(frozen=True)
class Business:
    """The firms with a loan in the extract.

    `who` (firms,) positions of borrowers; `sales` (firms, LEAD + months) invoiced a month, minor units;
    `distress` of the same shape, 0 to 1, how deep the firm is in decline; `known_from` (firms,) the day before
    which the lender knew nothing of the firm.
    """

    who: Ints
    sales: Ints
    distress: Floats
    known_from: Ints

    def month_end(self, part: Part, month: Ints) -> Ints:
        """Last day of each month of `sales`, by position."""
        first = part.plan.first_month - LEAD
        return (first + month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1


def business(part: Part) -> Business:
    """The firms of a part; the same whoever asks."""
    draws = Draws(part.plan.seed, part.number, "business")
    who = np.flatnonzero(part.who.firm & customers(part))
    shape = (len(who), LEAD + part.plan.months)
    base = part.who.income[who][:, None]
    before = np.ones((len(who), LEAD))
    factor = np.concatenate([before, part.story.strain.sales[who] * part.economy.income[None, :]], axis=1)
    known_from = first_payout(part)[who] - draws.whole(2, 15, len(who))
    return Business(
        who=who,
        sales=cents(base * factor * (1.0 + 0.07 * draws.bell(*shape))),
        distress=_distress(part, who),
        known_from=np.maximum(known_from, part.calendar.first_day),
    )


def _distress(part: Part, who: Ints) -> Floats:
    """Rises to the severity over eight months of decline (half as much where funds are diverted), stays a year more."""
    distress = np.zeros((len(who), LEAD + part.plan.months))
    place = np.full(len(part.who), -1, np.int64)
    place[who] = np.arange(len(who))
    for name, weight in (("firm_decline", 1.0), ("funds_diverted", 0.5)):
        spell = part.story.spells[name]
        since = spell.since(part.plan.months)
        depth = np.clip((since + 1) / 8.0, 0.0, 1.0) * (since < spell.length[:, None] + 12)
        here = place[spell.who] >= 0
        distress[place[spell.who[here]], LEAD:] += (weight * depth * spell.severity[:, None])[here]
    return distress
