"""What the borrower has to pay a month: on the loans here, and with the debts elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.external import reports
from features.measures import Values

if TYPE_CHECKING:
    from features.history import History

_SPAN = 3


def service_here(h: History) -> Values:
    """Monthly debt service of the borrower's loans here that are not closed, minor units, (n,)."""
    from features.standing import closed

    others, of = h.others
    elsewhere = np.where(closed(others), 0, np.nan_to_num(_of_loan(others)))
    return np.where(h.book_complete, (_of_loan(h) + np.bincount(of, elsewhere, minlength=h.n)) / _SPAN, np.nan)


def _of_loan(h: History) -> Values:
    """Three months of dues of each loan: the judged ones, or three instalments of a loan younger than that; (n,)."""
    dues = h.months(h.ledger.judged.due).values[:, -_SPAN:]
    return np.where(h.history_months >= _SPAN, dues[:, 0] + dues[:, 1] + dues[:, 2], _SPAN * h.instalment)


def service_here_before(h: History) -> Values:
    """Monthly debt service here six months before as_of, minor units, (n,); needs nine months of history."""
    others, of = h.others
    own, theirs = _months_6_to_8(h), np.nan_to_num(_months_6_to_8(others))
    known = h.book_complete & (h.history_months >= 9)
    return np.where(known, (own + np.bincount(of, theirs, minlength=h.n)) / _SPAN, np.nan)


def _months_6_to_8(h: History) -> Values:
    dues = np.nan_to_num(h.months(h.ledger.judged.due).values[:, 3:6])
    return np.asarray(dues[:, 0] + dues[:, 1] + dues[:, 2])


def service_in_all(h: History) -> Values:
    """Monthly debt service here and elsewhere, minor units, (n,); NaN without a report that states instalments."""
    known = h.once(reports)
    if known is None:
        return np.full(h.n, np.nan)
    report = known.now
    told = (report.read.instalments_told > 0) | (report.read.owing == 0)
    return np.where(told, h.once(service_here) + report.told(report.read.instalment), np.nan)


def debt_in_all(h: History) -> Values:
    """Principal outstanding on the borrower's loans here and the debts elsewhere, minor units, (n,)."""
    from features.standing import closed

    known = h.once(reports)
    if known is None:
        return np.full(h.n, np.nan)
    others, of = h.others
    theirs = np.where(closed(others), 0, others.principal_outstanding)
    here = h.principal_outstanding + np.bincount(of, theirs, minlength=h.n)
    return np.where(h.book_complete, here, np.nan) + known.now.debt
