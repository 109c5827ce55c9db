"""Which loans and borrowers the extract shows, and from when on the lender knew them."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Bools, Draws, Ints
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted

MOST_LATE_DAYS = 10


def posted_at(part: Part) -> Ints:
    """When each loan, with its first schedule, became known; shape (loans,)."""
    draws = Draws(part.plan.seed, part.number, "table loans")
    return posted(part.plan, part.calendar, draws, part.ledger.disbursed_on, MOST_LATE_DAYS)


def listed(part: Part) -> Bools:
    """Loans that are in the extract, shape (loans,)."""
    return in_extract(part.calendar, part.ledger.disbursed_on, posted_at(part))


def first_payout(part: Part) -> Ints:
    """Day of the first payout of each borrower, shape (borrowers,)."""
    first = np.full(len(part.who), part.calendar.last_day, np.int64)
    np.minimum.at(first, part.loans.borrower, part.ledger.disbursed_on)
    return first


def customers(part: Part) -> Bools:
    """Borrowers who have a loan in the extract, shape (borrowers,)."""
    here = np.zeros(len(part.who), np.bool_)
    here[part.loans.borrower[listed(part)]] = True
    return here
