"""What the borrower has to pay a month: on the loans here, and with the debts elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.external import reports
from features.measures import Values
from features.summaries import observed_sum

if TYPE_CHECKING:
    from features.history import History

_SPAN = 3


def service_here(h: History) -> Values:
    """Monthly debt service of the borrower's loans here that are not closed, minor units, (n,)."""
    theirs = _of_others(h, lambda others: np.where(_closed(others), 0, np.nan_to_num(_of_loan(others))))
    return np.where(h.book_complete, (_of_loan(h) + theirs) / _SPAN, np.nan)


def _of_others(h: History, measure: Callable[[History], Values]) -> Values:
    """Sum of a measure over the borrower's other loans here, (n,)."""
    others, of = h.others
    return np.bincount(of, measure(others), minlength=h.n).astype(float) if len(of) else np.zeros(h.n)


def _closed(h: History) -> NDArray[np.bool_]:
    from features.standing import closed

    return h.once(closed)


def _of_loan(h: History) -> Values:
    """Three months of dues of each loan: the judged ones, or three instalments of a loan younger than that; (n,)."""
    dues = h.once(_dues)[:, -_SPAN:]
    return np.where(h.history_months >= _SPAN, dues[:, 0] + dues[:, 1] + dues[:, 2], _SPAN * h.instalment)


def _dues(h: History) -> Values:
    """Judged dues by month, minor units, (n, 12), newest last; NaN before the loan's start."""
    return h.months(h.ledger.judged.due).values


def service_here_before(h: History) -> Values:
    """Monthly debt service here six months before as_of, minor units, (n,); needs nine months of history."""
    known = h.book_complete & (h.history_months >= 9)
    return np.where(known, (_months_6_to_8(h) + _of_others(h, _months_6_to_8)) / _SPAN, np.nan)


def _months_6_to_8(h: History) -> Values:
    return observed_sum(h.once(_dues)[:, 3:6])


def service_in_all(h: History) -> Values:
    """Monthly debt service here and elsewhere, minor units, (n,); NaN without a report that states instalments."""
    known = h.once(reports)
    if known is None:
        return np.full(h.n, np.nan)
    report = known.at_as_of
    told = (report.read.instalments_told > 0) | (report.read.termed == 0)
    return np.where(told, h.once(service_here) + report.told(report.read.instalment), np.nan)


def debt_in_all(h: History) -> Values:
    """Principal outstanding on the borrower's loans here and the debts elsewhere, minor units, (n,)."""
    known = h.once(reports)
    if known is None:
        return np.full(h.n, np.nan)
    theirs = _of_others(h, lambda others: np.where(_closed(others), 0, others.principal_outstanding))
    return np.where(h.book_complete, h.principal_outstanding + theirs, np.nan) + known.at_as_of.debt
