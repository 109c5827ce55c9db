"""Who gets which cause or confounder, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.causes import (
    funds_diverted,
    income_loss,
    over_indebted,
    payday_shift,
    seasonal_income,
    slipping_habit,
    strategic,
    technical_failure,
)
from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws, Floats, Ints, grow
from book.sources.simulate.lending import Loans
from book.sources.simulate.macro import Macro
from book.sources.simulate.people import People
from book.sources.simulate.plan import Plan

CAUSES = {
    "income_loss": (income_loss.apply, 0.36),
    "over_indebted": (over_indebted.apply, 0.26),
    "funds_diverted": (funds_diverted.apply, 0.14),
    "slipping_habit": (slipping_habit.apply, 0.16),
    "strategic": (strategic.apply, 0.08),
}
CONFOUNDERS = {
    "technical_failure": (technical_failure.apply, 0.06),
    "payday_shift": (payday_shift.apply, 0.06),
    "seasonal_income": (seasonal_income.apply, 0.06),
}
MONTHLY_HAZARD = 0.0040
NONE = -1


@dataclass(frozen=True)
class Story:
    """The planted truth of a part: one spell per kind, and the effects of all of them."""

    spells: dict[str, Spell]
    strain: Strain


def stories(plan: Plan, part: int, who: People, loans: Loans, economy: Macro) -> Story:
    """Draw at most one cause and one confounder per borrower."""
    draws = Draws(plan.seed, part, "causes")
    strain = Strain.none(len(who), plan.months)
    first = np.full(len(who), plan.months, np.int64)
    np.minimum.at(first, loans.borrower, loans.month)
    spells = _causes(plan, draws, who, first, economy) | _confounders(plan, draws, len(who), first)
    for name, (apply, _) in (CAUSES | CONFOUNDERS).items():
        apply(strain, spells[name], Draws(plan.seed, part, f"cause {name}"))
    return Story(spells, strain)


def _causes(plan: Plan, draws: Draws, who: People, first: Ints, economy: Macro) -> dict[str, Spell]:
    n = len(who)
    hazard = MONTHLY_HAZARD * grow(-1.4 * who.quality)[:, None] * economy.hazard[None, :]
    exposed = np.arange(plan.months)[None, :] >= first[:, None] - 1
    struck = draws.chance(hazard * exposed, n, plan.months)
    onset = np.where(struck.any(axis=1), struck.argmax(axis=1), NONE)
    kind = draws.pick(tuple(share for _, share in CAUSES.values()), n)
    severity, length = _severity(draws, n), 5 + draws.whole(0, 19, n)
    return {
        name: _spell(np.flatnonzero((onset >= 0) & (kind == i)), onset, length, severity)
        for i, name in enumerate(CAUSES)
    }


def _confounders(plan: Plan, draws: Draws, n: int, first: Ints) -> dict[str, Spell]:
    shares = tuple(share for _, share in CONFOUNDERS.values())
    kind = draws.pick((*shares, 1.0 - sum(shares)), n)
    onset = np.minimum(first + draws.whole(1, 18, n), plan.months - 1)
    severity, length = _severity(draws, n), draws.whole(2, 4, n)
    return {name: _spell(np.flatnonzero(kind == i), onset, length, severity) for i, name in enumerate(CONFOUNDERS)}


def _severity(draws: Draws, n: int) -> Floats:
    return np.rint(1e4 * draws.between(0.1, 1.0, n)) / 1e4


def _spell(rows: Ints, onset: Ints, length: Ints, severity: Floats) -> Spell:
    return Spell(rows, onset[rows], length[rows], severity[rows])
