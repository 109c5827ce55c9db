"""Repayment schedules in whole cents that sum to the principal exactly."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Floats, Ints, cents

ANNUITY, EQUAL_PRINCIPAL, BULLET, INTEREST_ONLY, REVOLVING = range(5)
REPAYMENT_TYPES = ("annuity", "equal_principal", "bullet", "interest_only", "revolving")


def amortise(principal: Ints, rate: Floats, terms: Ints, kind: Ints, width: int) -> tuple[Ints, Ints]:
    """Principal and interest due per instalment, each of shape (loans, width), zero after the last one.

    `principal` in minor units, `rate` a year, `terms` the number of monthly instalments, `kind` a
    position in `REPAYMENT_TYPES`. Annuity: A = P r / (1 - (1 + r) ** -n) with the monthly rate r, the
    last one takes the rounding. Revolving loans have no schedule: all zero (see `lines.py`).
    """
    monthly = rate / 12.0
    level = _level(principal, monthly, terms)
    due_principal = np.zeros((len(principal), width), np.int64)
    due_interest = np.zeros((len(principal), width), np.int64)
    left = np.where(kind == REVOLVING, 0, principal)
    for k in range(width):
        running, last = k < terms, k == terms - 1
        interest = cents(left * monthly)
        part = np.select(
            [kind == ANNUITY, kind == EQUAL_PRINCIPAL],
            [np.clip(level - interest, 0, left), principal // np.maximum(terms, 1)],
            0,
        )
        part = np.where(last, left, part) * running
        at_end = kind == BULLET
        due_interest[:, k] = np.where(at_end, cents(left * monthly * terms) * last, interest) * running
        due_principal[:, k] = part
        left = left - part
    return due_principal, due_interest


def _level(principal: Ints, monthly: Floats, terms: Ints) -> Ints:
    """The level payment of an annuity, minor units."""
    discount = np.ones(len(principal))
    for k in range(int(terms.max(initial=0))):
        discount = np.where(k < terms, discount / (1.0 + monthly), discount)
    gap = 1.0 - discount
    flat = principal / np.maximum(terms, 1)
    return cents(np.where(gap > 0, principal * monthly / np.where(gap > 0, gap, 1.0), flat))
