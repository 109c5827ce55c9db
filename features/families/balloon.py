"""BALL: loans whose principal falls due at the end, and what there is to pay it with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.clock import months_before, months_between
from features.cash import Accounts
from features.families.names import BALL
from features.feature import EITHER, HIGHER, LEVEL, feature
from features.history import History
from features.ledger import code
from features.measures import Values
from features.ratios import ratio
from features.units import MONTHS as IN_MONTHS
from features.units import RATIO

WORST = 10.0
_BULLET, _INTEREST_ONLY = code("loans", "repayment_type", "bullet", "interest_only")
WITH_ACCOUNTS = ("loans", "instalments", "payments", "cashflow")


def at_the_end(h: History) -> NDArray[np.bool_]:
    """Whether the principal falls due at the end and a due is in force, (n,)."""
    kind = h.of_loan("repayment_type")
    return ((kind == _BULLET) | (kind == _INTEREST_ONLY)) & (h.plan.due_in_all > 0)


@feature(family=BALL, unit=IN_MONTHS, worse=EITHER, tables=("loans", "instalments"), zh="距到期还本的月数")
def months_to_balloon(h: History) -> Values:
    """Months to the final instalment."""
    some = at_the_end(h)
    if not some.any():
        return np.full(h.n, np.nan)
    last = np.maximum(np.where(some, h.plan.last_due_on, h.as_of), h.as_of)
    return np.where(some, months_between(h.as_of, last), np.nan)


@feature(family=BALL, unit=RATIO, worse=HIGHER, bounds=LEVEL, tables=WITH_ACCOUNTS, zh="到期应还与账户余额之比")
def balloon_to_liquid(h: History) -> Values:
    """Final instalment against what is on the accounts."""
    some = at_the_end(h)
    if not some.any():
        return np.full(h.n, np.nan)
    balance = h.once(Accounts).balance(h.as_of[:, None])[:, 0]
    left = np.clip(h.plan.due_in_all - h.met, 0, h.plan.last_due)
    share = np.where(left > 0, ratio(left, balance, adverse=WORST), np.where(np.isnan(balance), np.nan, 0.0))
    return np.where(some, share, np.nan)


@feature(family=BALL, unit=RATIO, worse=HIGHER, bounds=LEVEL, tables=WITH_ACCOUNTS, zh="未来12个月应还与年收入之比")
def due_next_12m_to_income(h: History) -> Values:
    """Dues of the next 12 months against a year of recurring income."""
    some = at_the_end(h)
    if not some.any():
        return np.full(h.n, np.nan)
    coming = h.plan.due_until(months_before(h.as_of, -12))
    return np.where(some, ratio(coming, 12 * h.once(Accounts).recurring(), adverse=WORST), np.nan)
