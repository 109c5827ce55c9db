"""Loans: products, amounts that fit the income, prices that fit the risk, dates over the whole window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.draws import Bools, Draws, Floats, Ints, cents, grow
from book.sources.simulate.people import People
from book.sources.simulate.plan import Plan
from book.sources.simulate.schedule import ANNUITY, BULLET, EQUAL_PRINCIPAL, INTEREST_ONLY, REVOLVING

PRODUCTS = (
    *("consumer", "car", "home_improvement"),
    *("micro_working_capital", "micro_equipment", "micro_bullet"),
    "credit_line",
)
CONSUMER, CAR, HOME_IMPROVEMENT, WORKING_CAPITAL, EQUIPMENT, MICRO_BULLET, CREDIT_LINE = range(7)
_KIND = np.array([ANNUITY, ANNUITY, EQUAL_PRINCIPAL, INTEREST_ONLY, EQUAL_PRINCIPAL, BULLET, REVOLVING])
_BASE_RATE = np.array([0.155, 0.085, 0.095, 0.085, 0.08, 0.09, 0.16])
_TERMS = (
    (6, 12, 12, 18, 24, 36),
    (24, 24, 36, 36, 36, 36),
    (12, 24, 24, 36, 36, 36),
    (6, 12, 12, 12, 12, 12),
    (24, 24, 36, 36, 36, 36),
)
_TERMS_OF = (0, 1, 2, 3, 2, 3, 4)
CHANNELS = ("branch", "app", "partner")
GUARANTEES = ("none", "guarantee_company", "mortgage_vehicle", "mortgage_equipment", "personal_guarantee")
UNSECURED, COMPANY, VEHICLE, MACHINE, PERSONAL = range(5)
PLEDGED = (VEHICLE, MACHINE)


@dataclass(frozen=True)
class Loans:
    """Loans of one part, arrays of shape (loans,), sorted by borrower and slot (0 is the first loan).

    `principal` of a credit line is its limit. `month` is the month of disbursement and `first_month` that
    of the first due date, as positions in the window.
    """

    number: Ints
    borrower: Ints
    slot: Ints
    product: Ints
    kind: Ints
    principal: Ints
    rate: Floats
    terms: Ints
    month: Ints
    day: Ints
    first_month: Ints
    due_day: Ints
    channel: Ints
    guarantee: Ints
    origination_pd: Floats

    def __len__(self) -> int:
        return len(self.number)


def lend(plan: Plan, part: int, who: People) -> Loans:
    """The loans of one part."""
    draws = Draws(plan.seed, part, "lending")
    borrower = np.repeat(np.arange(len(who)), who.n_loans)
    n = len(borrower)
    slot = np.arange(n) - np.repeat(np.cumsum(who.n_loans) - who.n_loans, who.n_loans)
    person_product = np.array([CONSUMER, CAR, HOME_IMPROVEMENT, CREDIT_LINE])[draws.pick((0.66, 0.17, 0.11, 0.06), n)]
    firm_product = 3 + draws.pick((0.45, 0.42, 0.13), n)
    product = np.where(who.firm[borrower], firm_product, person_product)
    terms = np.maximum(_terms(product, draws.uniform(n)), plan.shortest_term)
    quality = who.quality[borrower]
    estimate = quality + 0.7 * draws.bell(n)
    rate = np.rint(1e4 * np.clip(_BASE_RATE[product] * grow(-0.18 * estimate), 0.03, 0.24)) / 1e4
    month, day = _dates(plan, draws, slot, borrower)
    due_day, first_month = _due_dates(draws, who.payday[borrower], month, day, product == CREDIT_LINE)
    return Loans(
        number=part * plan.part_loans + np.arange(n),
        borrower=borrower,
        slot=slot,
        product=product,
        kind=_KIND[product],
        principal=_amount(draws, who, borrower, slot, product, terms, rate),
        rate=rate,
        terms=terms,
        month=month,
        day=day,
        first_month=first_month,
        due_day=due_day,
        channel=draws.pick((0.3, 0.5, 0.2), n),
        guarantee=_security(draws, product),
        origination_pd=np.rint(1e5 * np.clip(0.03 * grow(-0.6 * estimate), 0.001, 0.5)) / 1e5,
    )


def _security(draws: Draws, product: Ints) -> Ints:
    """Cars and machines are pledged; of the other loans some have a guarantor; credit lines have nothing."""
    guarantor = np.array([UNSECURED, COMPANY, PERSONAL])[draws.pick((0.82, 0.10, 0.08), len(product))]
    return np.select(
        [product == CAR, product == EQUIPMENT, product == CREDIT_LINE], [VEHICLE, MACHINE, UNSECURED], guarantor
    )


def _terms(product: Ints, u: Floats) -> Ints:
    table = np.asarray(_TERMS, np.int64)[np.asarray(_TERMS_OF)[product]]
    return table[np.arange(len(u)), np.floor(u * table.shape[1]).astype(np.int64)]


def _amount(draws: Draws, who: People, borrower: Ints, slot: Ints, product: Ints, terms: Ints, rate: Floats) -> Ints:
    """Principal in whole hundreds, from the share of income that the instalment may take."""
    n = len(borrower)
    share = np.clip(0.21 + 0.07 * draws.bell(n) - 0.015 * who.quality[borrower], 0.05, 0.42)
    share = share * np.where(slot > 0, 0.45, 1.0) * np.where(who.firm[borrower], 0.55, 1.0)
    room = who.income[borrower] * share
    at_end = np.isin(_KIND[product], (BULLET, INTEREST_ONLY, REVOLVING))
    spread = room * terms / (1.0 + rate * terms / 24.0)
    balloon = who.income[borrower] * (0.6 + 8.0 * share)
    return np.maximum(cents(np.where(at_end, balloon, spread) / 10_000.0), 20) * 10_000


def _dates(plan: Plan, draws: Draws, slot: Ints, borrower: Ints) -> tuple[Ints, Ints]:
    """Month and day of disbursement: first loans over the months of lending, further ones 3 to 18 months later."""
    n = len(slot)
    last = plan.lending_months - 1
    month = np.floor(draws.uniform(n) * (last + 1)).astype(np.int64)
    gap = draws.whole(3, 18, n)
    day = draws.whole(1, 28, n)
    for later in range(1, int(slot.max(initial=0)) + 1):
        rows = np.flatnonzero(slot == later)
        month[rows] = month[rows - 1] + gap[rows]
    month = np.where(month > last, np.maximum(month % (last + 1), 0), month)
    return month, day


def _due_dates(draws: Draws, payday: Ints, month: Ints, day: Ints, line: Bools) -> tuple[Ints, Ints]:
    """Due day of the month (1 to 28), mostly soon after payday, and the month of the first one.

    The first due is 15 days or more after disbursement. Credit lines are due in the second half of the
    month, as their statements are made before its end.
    """
    n = len(payday)
    gap = np.where(draws.chance(0.75, n), draws.whole(1, 7, n), draws.whole(8, 27, n))
    due_day = (payday - 1 + gap) % 28 + 1
    due_day = np.where(line, 15 + due_day % 14, due_day)
    soon = 30 - day + due_day < 15
    return due_day, month + 1 + soon
