"""Borrowers: persons and small firms, their income, habits and buffers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.draws import Bools, Draws, Floats, Ints, cents, grow
from book.sources.simulate.plan import Plan

REGIONS = ("north", "east", "south", "west", "centre", "coast")
ONLY_HERE, ONLY_ELSEWHERE, BOTH = range(3)
LOANS_PER_GROUP = (1,) * 29 + (2,) * 4 + (3,)  # 40 loans of 34 borrowers, 15 % of them with several


@dataclass(frozen=True)
class People:
    """Borrowers of one part, arrays of shape (borrowers,).

    `quality` (mean 0, variance 1, higher is better) is never written to the book; it shows only through
    behaviour, price and the lender's own estimate at origination. `income` is monthly, in minor units;
    `essential` a share of income; `buffer` months of income held; `habit` days after the due date at
    which a manual payer pays; `lapse` the monthly probability that a due is forgotten, or the account not
    funded, for some days; `banks` says whether the account is with us, elsewhere, or there are two.
    """

    number: Ints
    n_loans: Ints
    firm: Bools
    quality: Floats
    income: Ints
    payday: Ints
    essential: Floats
    buffer: Floats
    autopay: Bools
    habit: Floats
    lapse: Floats
    family_pays: Bools
    region: Ints
    employer: Ints
    banks: Ints

    def __len__(self) -> int:
        return len(self.number)


def people(plan: Plan, part: int) -> People:
    """The borrowers of one part."""
    n_loans = _loans_per_borrower(plan.loans_of(part))
    n = len(n_loans)
    draws = Draws(plan.seed, part, "people")
    firm = draws.chance(0.12, n)
    quality = draws.bell(n)
    typical = np.where(firm, 4_500_000.0, 850_000.0)
    income = cents(typical * grow(0.45 * draws.bell(n) + 0.06 * quality) / 100.0) * 100
    return People(
        number=part * plan.part_loans + np.arange(n),
        n_loans=n_loans,
        firm=firm,
        quality=quality,
        income=income,
        payday=1 + draws.whole(0, 27, n),
        essential=np.where(firm, draws.between(0.50, 0.62, n), draws.between(0.32, 0.48, n)),
        buffer=0.25 + 0.45 * grow(0.45 * quality + 0.55 * draws.bell(n)),
        autopay=draws.chance(0.62, n),
        habit=-2.5 - 1.8 * quality + 1.6 * draws.bell(n),
        lapse=np.clip(0.050 - 0.055 * quality, 0.003, 0.25),
        family_pays=draws.chance(0.04, n),
        region=draws.pick((0.2, 0.25, 0.2, 0.12, 0.13, 0.1), n),
        employer=draws.whole(0, 799, n),
        banks=draws.pick((0.44, 0.30, 0.26), n),
    )


def _loans_per_borrower(loans: int) -> Ints:
    """How many loans each borrower has, summing to `loans`."""
    groups = -(-loans // sum(LOANS_PER_GROUP))
    counts = np.tile(np.asarray(LOANS_PER_GROUP, np.int64), groups)
    before = np.cumsum(counts) - counts
    kept = before < loans
    return np.minimum(counts[kept], loans - before[kept])
