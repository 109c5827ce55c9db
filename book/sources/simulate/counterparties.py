"""Numbers of the people and firms on the other side: lenders, employers, shops, and those of one borrower only."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Ints
from book.sources.simulate.lending import HOME_IMPROVEMENT, Loans
from book.sources.simulate.people import People
from book.sources.simulate.proceeds import (
    PASSED_ON,
    REFUNDED,
    RETURNED,
    SPECULATED,
    SPENT,
    WITHDRAWN,
)
from book.sources.simulate.rows import Columns

SIDES = ("person", "firm", "lender", "own", "related")
PERSON, FIRM, LENDER, OWN, RELATED = range(5)
NOBODY = -1
US, LENDERS, EMPLOYERS, MERCHANTS = 1, 100, 1000, 10_000
GUARANTEE_COMPANIES, BROKERS = 300, 400
_OWNED = 10_000_000  # numbers of counterparties that belong to one borrower start here
FAMILY, OWN_ACCOUNT, PAYEE = 1, 2, 3
FIRST_CUSTOMER, LAST_CUSTOMER = 4, 11
AFFILIATE, OFFICER, HEIR, GUARANTOR = 12, 13, 14, 15
_CRAFTSMAN = 0


def own_counterparty(who: People, rows: Ints, kind: Ints | int) -> Ints:
    """Number of a counterparty known to one borrower only (family, own account, customers, affiliate)."""
    return _OWNED + who.number[rows] * 16 + kind


def has_affiliate(who: People, rows: Ints) -> np.ndarray:
    """Whether a firm or person runs another firm on the side; a third of firms, a tenth of persons."""
    lot = who.number[rows] * 37 % 30
    return np.where(who.firm[rows], lot < 10, lot < 3)


def of_proceeds(who: People, loans: Loans, rows: Columns) -> tuple[Ints, Ints]:
    """Number and side of the other party of each row of the proceeds; cash has none."""
    kind, owner, loan = rows["kind"], rows["borrower"], rows["loan"]
    number = loans.number[loan]
    dealer = MERCHANTS + 4000 + number * 7 % 900
    by_hand = (loans.product[loan] == HOME_IMPROVEMENT) & (number % 3 == 0)
    craftsman, payee = own_counterparty(who, owner, _CRAFTSMAN), own_counterparty(who, owner, PAYEE)
    through_affiliate = has_affiliate(who, owner)
    trader = np.where(by_hand, craftsman, dealer)
    trader_side = np.where(by_hand, PERSON, FIRM)
    returned = np.where(through_affiliate, own_counterparty(who, owner, AFFILIATE), payee)
    returned_side = np.where(through_affiliate, RELATED, PERSON)
    spent, back = np.isin(kind, (SPENT, REFUNDED)), kind == RETURNED
    which = [spent, kind == PASSED_ON, back, kind == SPECULATED, kind == WITHDRAWN]
    other = np.select(which, [trader, payee, returned, BROKERS + number % 9, np.full_like(number, NOBODY)], US)
    side = np.select(which, [trader_side, PERSON, returned_side, FIRM, NOBODY], LENDER)
    return other, side
