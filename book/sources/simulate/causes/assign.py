"""Who gets which cause or confounder, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.causes.shares import CAUSES, CONFOUNDERS, KINDS_OF_BORROWER
from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws, Floats, Ints, grow
from book.sources.simulate.lending import PLEDGED, Loans
from book.sources.simulate.macro import Macro
from book.sources.simulate.people import People
from book.sources.simulate.plan import Plan

MONTHLY_HAZARD = 0.0034
NONE = -1
FROM_PAYOUT = ("returned_goods",)  # spells that begin with the first loan


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
    sort = _sort_of(who, loans)
    spells = _causes(plan, draws, who, sort, first, economy) | _confounders(plan, draws, sort, first)
    for name, kind in (CAUSES | CONFOUNDERS).items():
        kind.apply(strain, spells[name], Draws(plan.seed, part, f"cause {name}"))
    return Story(spells, strain)


def _sort_of(who: People, loans: Loans) -> Ints:
    """0 for a person, 1 for a person who has pledged something, 2 for a firm; shape (borrowers,)."""
    pledges = np.zeros(len(who), np.bool_)
    pledges[loans.borrower[np.isin(loans.guarantee, PLEDGED)]] = True
    return np.where(who.firm, 2, pledges.astype(np.int64))


def _causes(plan: Plan, draws: Draws, who: People, sort: Ints, first: Ints, economy: Macro) -> dict[str, Spell]:
    n = len(who)
    hazard = MONTHLY_HAZARD * grow(-1.4 * who.quality)[:, None] * economy.hazard[None, :]
    exposed = np.arange(plan.months)[None, :] >= first[:, None] - 1
    struck = draws.chance(hazard * exposed, n, plan.months)
    onset = np.where(struck.any(axis=1), struck.argmax(axis=1), NONE)
    kind = _by_sort(draws, sort, [kind.shares for kind in CAUSES.values()])
    severity, length = _severity(draws, n), 5 + draws.whole(0, 19, n)
    return {
        name: _spell(np.flatnonzero((onset >= 0) & (kind == i)), onset, length, severity)
        for i, name in enumerate(CAUSES)
    }


def _confounders(plan: Plan, draws: Draws, sort: Ints, first: Ints) -> dict[str, Spell]:
    n = len(sort)
    shares = [kind.shares for kind in CONFOUNDERS.values()]
    calm = tuple(1.0 - sum(share[k] for share in shares) for k in range(len(KINDS_OF_BORROWER)))
    kind = _by_sort(draws, sort, [*shares, calm])
    onset = np.minimum(first + draws.whole(1, 18, n), plan.months - 1)
    severity, length = _severity(draws, n), draws.whole(2, 4, n)
    start = np.minimum(first, plan.months - 1)
    return {
        name: _spell(np.flatnonzero(kind == i), start if name in FROM_PAYOUT else onset, length, severity)
        for i, name in enumerate(CONFOUNDERS)
    }


def _by_sort(draws: Draws, sort: Ints, shares: list[tuple[float, ...]]) -> Ints:
    """A kind for each borrower, drawn with the shares of its sort."""
    picked = [draws.pick(tuple(share[k] for share in shares), len(sort)) for k in range(len(KINDS_OF_BORROWER))]
    return np.choose(sort, picked)


def _severity(draws: Draws, n: int) -> Floats:
    return np.rint(1e4 * draws.between(0.1, 1.0, n)) / 1e4


def _spell(rows: Ints, onset: Ints, length: Ints, severity: Floats) -> Spell:
    return Spell(rows, onset[rows], length[rows], severity[rows])
