"""The life of every loan by one day, as known then: one row a loan, for vintages, first payments, cures, recoveries."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.contract import TABLES
from book.known import known
from book.settings import Settings
from book.tables import MISSING_DAY, Tables
from features.accounts import FAR
from features.exits import exits
from features.history import History
from monitoring.arrears import arrears_between
from monitoring.portfolio.runs import back_to_zero
from monitoring.triggers import restructurings

THRESHOLDS = (0, 30, 60, 90)
FIRST = 3
_EVER = 1 << 30
Days = NDArray[np.int32]


def lives(tables: Tables, day: int, settings: Settings) -> pl.DataFrame:
    """One row for every loan of `tables` paid out by `day`, with all that was known at the end of that day.

    Columns: loan_id, borrower_id, the facts of the loan, `restructured_on` (first day, null if never), `exit` and
    `exit_on` (how and when it left; "" and null while on the book), `due_1_on`..`due_3_on` with `open_1`..`open_3`
    (days that instalment stayed unpaid, running while open), for x of THRESHOLDS `over_x_on` (first day with DPD > x
    before it left), `balance_x` (principal that day) and `back_x_on` (first day after it without arrears). Money in
    major units; null = has not happened or not known.
    """
    loan = np.flatnonzero(tables["loans"]["disbursed_on"] <= day).astype(np.int32)
    h = History(known(tables, loan, np.full(len(loan), day, np.int32), settings=settings), settings)
    left, left_on = exits(h)
    columns = {**_facts(h), "restructured_on": _date(_restructured(tables, h, loan, day))}
    columns |= {"exit": left, "exit_on": _date(left_on), **_first_payments(h, day)}
    until = np.where(left_on == MISSING_DAY, day, np.minimum(left_on, day)).astype(np.int64)
    for over in THRESHOLDS:
        columns |= _over(tables, h, until, over)
    return pl.DataFrame(columns)


def _facts(h: History) -> dict[str, Any]:
    """Facts of the loan that figures are broken down by, (n,) each."""
    words = {name: _words(h, name) for name in ("product", "channel", "region", "industry", "borrower_type")}
    return {
        "loan_id": h.loan_ids.astype(str),
        "borrower_id": h.borrower_ids.astype(str),
        **words,
        "disbursed_on": _date(h.of_loan("disbursed_on")),
        "maturity_on": _date(h.of_loan("maturity_on")),
        "principal": h.of_loan("principal") / 100,
    }


def _restructured(tables: Tables, h: History, loan: NDArray[np.int32], day: int) -> Days:
    """The first day each loan was restructured, or forborne in distress, up to `day`; MISSING_DAY for never."""
    if not h.n:
        return np.zeros(0, np.int32)
    changed = restructurings(tables, int(h.dossiers.cutoff[0]))
    return changed.first_within(loan, np.full(h.n, -_EVER, np.int32), np.full(h.n, day, np.int32))


def _words(h: History, name: str) -> NDArray[Any]:
    """A column of the loans as words, "" where it is missing, (n,)."""
    values = h.of_loan(name) if name in h.dossiers.loans else np.full(h.n, -1)
    choices = TABLES["loans"].column(name).choices
    if choices:
        return np.append(np.array(choices, object), "")[values].astype(str)
    words = np.array(["" if value is None or value == -1 else str(value) for value in values.tolist()], str)
    return words if len(words) else np.zeros(0, "U1")


def _first_payments(h: History, day: int) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for k in range(FIRST):
        due_on, settled = h.first_judged(k)
        columns[f"due_{k + 1}_on"] = _date(np.where(np.isnan(due_on), MISSING_DAY, due_on))
        open_days = np.minimum(np.where(settled == FAR, day, settled), day) - due_on
        columns[f"open_{k + 1}"] = pl.Series(open_days).fill_nan(None).cast(pl.Int32)
    return columns


def _over(tables: Tables, h: History, until: NDArray[np.int64], over: int) -> dict[str, Any]:
    """The first day with DPD > `over`, the principal then, and the first day without arrears after it."""
    start = np.asarray(h.of_loan("disbursed_on"), np.int64) - 1
    _, on = arrears_between(h, start, until, over)
    balance = _principal_on(tables, h, on != MISSING_DAY, on) / 100
    return {
        f"over_{over}_on": _date(on),
        f"balance_{over}": pl.Series(balance).fill_nan(None),
        f"back_{over}_on": _date(back_to_zero(h, on, until)),
    }


def _principal_on(tables: Tables, h: History, chosen: NDArray[np.bool_], on: Days) -> NDArray[np.float64]:
    """Principal of the chosen loans on a day of their own, as known at the day of `h`; minor units, NaN elsewhere."""
    principal = np.full(h.n, np.nan)
    if chosen.any():
        loan, cutoff = h.dossiers.loan[chosen], np.full(chosen.sum(), h.dossiers.cutoff[0])
        principal[chosen] = History(known(tables, loan, on[chosen], cutoff), h.settings).principal_outstanding
    return principal


def _date(days: NDArray[Any]) -> pl.Series:
    """Days since 1970-01-01 as dates, null where missing."""
    whole = np.asarray(days).astype(np.int32)
    return pl.Series(whole.astype("datetime64[D]")).set(pl.Series(whole == MISSING_DAY), None)
