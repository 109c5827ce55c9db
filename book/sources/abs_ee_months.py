"""Monthly reports of a loan: what met dues, what paid it off, what was written off or recovered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.sources.abs_ee_schedule import Ints, Schedules, minor, months

WRITTEN_OFF_BELOW = 0.5  # share of the balance paid in the month in which it went to 0


@dataclass(frozen=True)
class Months:
    """One row per loan-month up to the loan's end and after it, sorted; money in cents.

    `loan` position of the loan, `month` since 1970-01, `alive` False after the month in which the balance
    ended, `ends` True in that month, `loss` True where it ended by charge-off, `early` True where before
    the last due. `on_dues` is the part of `payment` that meets dues, `payoff` the rest that ended the
    loan.
    """

    loan: Ints
    month: Ints
    balance: Ints
    principal_paid: Ints
    payment: Ints
    recovery: Ints
    alive: NDArray[np.bool_]
    ends: NDArray[np.bool_]
    loss: NDArray[np.bool_]
    early: NDArray[np.bool_]
    on_dues: Ints
    payoff: Ints


def read_months(loans: pl.DataFrame, panel: pl.DataFrame, dues: Schedules) -> Months:
    """Judge each loan-month of the panel (sorted by loan and month)."""
    position = loans.select("assetNumber").with_row_index("loan")
    panel = panel.join(position, on="assetNumber", how="left", maintain_order="left")
    loan, month = panel["loan"].to_numpy().astype(np.int64), months(panel["month"])
    balance, payment = minor(panel["balance"]), minor(panel["payment"])
    first = np.diff(loan, prepend=-1) != 0
    opening = minor(loans["reportingPeriodBeginningLoanBalanceAmount"])[loan]
    before = np.where(first, opening, np.roll(balance, 1))
    ended_so_far = _running((balance <= 0).astype(np.int64), first)
    ends = (balance <= 0) & (ended_so_far == 1)
    alive = (ended_so_far == 0) | ends
    loss = ends & (payment < WRITTEN_OFF_BELOW * before)
    k = np.clip(month - dues.first_month[loan], 0, dues.principal.shape[1] - 1)
    early = ends & ~loss & (k < dues.length[loan] - 1)
    due = dues.cumulative[loan, k]
    paid_before = _running(payment, first) - payment
    on_dues = np.where(early, np.clip(due - paid_before, 0, payment), payment)
    return Months(
        loan=loan,
        month=month,
        balance=balance,
        principal_paid=minor(panel["principal_paid"]),
        payment=payment,
        recovery=minor(panel["recovery"]),
        alive=alive,
        ends=ends,
        loss=loss,
        early=early,
        on_dues=on_dues,
        payoff=payment - on_dues,
    )


def _running(values: Ints, first: NDArray[np.bool_]) -> Ints:
    """Running sum that starts anew where `first`."""
    total = np.cumsum(values)
    start = np.maximum.accumulate(np.where(first, np.arange(len(values)), 0))
    return total - (total - values)[start]
