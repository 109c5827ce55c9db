"""The schedule of an auto loan from its first report: the level payment at the loan's rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.clock import month_of

Ints = NDArray[np.int64]
MONTHS_PAST_MATURITY = 12


@dataclass(frozen=True)
class Schedules:
    """Derived dues in cents.

    `principal` and `interest` have shape (loans, width); position k is the k-th reported month.
    `first_month` (months since 1970) is the month of the first report, `first_no` the number of its
    instalment, `length` (loans,) the number of dues.
    """

    first_month: Ints
    first_no: Ints
    principal: Ints
    interest: Ints
    length: Ints

    @property
    def cumulative(self) -> Ints:
        """Dues up to and including each position, cents."""
        return np.cumsum(self.principal + self.interest, axis=1)


def months(dates: pl.Series) -> Ints:
    """Months since 1970-01 of dates."""
    return month_of(dates.cast(pl.Int32).to_numpy()).astype(np.int64)


def minor(amounts: pl.Series) -> Ints:
    """Amounts in cents, rounded half to even; missing as 0."""
    return np.rint(amounts.fill_null(0.0).to_numpy() * 100.0).astype(np.int64)


def schedules(loans: pl.DataFrame) -> Schedules:
    """Derive the dues from the scheduled payment, the opening balance and the original rate.

    Each due is the scheduled payment, interest is a month's interest on the balance; the last due takes
    what is left, at the latest twelve months past maturity. A payment that does not cover the interest
    leaves a balloon there.
    """
    first = months(loans["reportingPeriodBeginningDate"])
    last = months(loans["loanMaturityDate"]) + MONTHS_PAST_MATURITY - first
    level = minor(loans["reportingPeriodScheduledPaymentAmount"])
    monthly = loans["originalInterestRatePercentage"].to_numpy() / 12.0
    left = minor(loans["reportingPeriodBeginningLoanBalanceAmount"])
    width = max(int(last.max(initial=0)) + 1, 1)
    principal, interest = np.zeros((2, len(loans), width), np.int64)
    for k in range(width):
        due = np.rint(left * monthly).astype(np.int64)
        part = np.clip(level - due, 0, left)
        interest[:, k] = due
        principal[:, k] = np.where(k >= last, left, part)
        left = left - principal[:, k]
    length = ((principal + interest) > 0).sum(axis=1)
    number = first - months(loans["originalFirstPaymentDate"]) + 1
    return Schedules(first, np.maximum(number, 1), principal, interest, length)
