"""Figures that should agree with each other: schedules with principal, assets with liabilities and equity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.check.show import money
from book.check.subject import Subject
from book.clock import end_of_day
from book.contract import TABLES
from book.encoding.order import in_order
from book.settings import Settings
from book.tables import MISSING_DAY, MISSING_MONEY, Array, Frame

TOLERANCE = 0.01
_REVOLVING = TABLES["loans"].column("repayment_type").choices.index("revolving")
_PREPAID = [TABLES["payments"].column("purpose").choices.index(name) for name in ("partial_prepay", "full_prepay")]


def expected(loans: Frame) -> NDArray[np.float64]:
    """What the first version should sum to, minor units, NaN where it cannot be told; shape (n_loans,)."""
    late = (loans["observed_from"] != MISSING_DAY) & (loans["observed_from"] > loans["disbursed_on"])
    opening = loans["opening_balance"]
    amount = np.where(late, opening, loans["principal"]).astype(np.float64)
    unknown = (late & (opening == MISSING_MONEY)) | (loans["repayment_type"] == _REVOLVING)
    return np.where(unknown, np.nan, amount)


def schedules(loans: Subject, instalments: Subject, payments: Frame) -> None:
    """Warn of loans whose schedule does not sum to what was lent."""
    due, target = instalments.frame, expected(loans.frame)
    n = len(loans.frame)
    first = due["schedule_version"] == 1
    total = _per_loan(due["loan_id"][first], due["principal_due"][first], n)
    off = (np.abs(total - target) > TOLERANCE * target) & (np.bincount(due["loan_id"][first], minlength=n) > 0)
    _warn(loans, off, total, target, "version 1 of its schedule sums to")
    _rewritten(loans, due, payments, target)


def mismatches(loans: Frame, due: Frame, settings: Settings) -> dict[str, Array]:
    """From when on version 1 of a loan's schedule is seen not to sum to what was lent, and from when on again it is.

    Returns `mismatch_loan` (k,), `mismatch_from` (k,) UTC microseconds, in order, and `mismatch_state` (k,): the
    state of the loan from that moment until its next entry; before the first entry there is no mismatch. Judged by
    rows known and valid at each moment, so that later rows change nothing earlier.
    """
    first = np.flatnonzero(due["schedule_version"] == 1)
    seen = np.maximum(due["posted_at"][first], end_of_day(due["valid_from"][first], settings.timezone))
    order = in_order(due["loan_id"][first], seen)
    loan, seen = due["loan_id"][first[order]], seen[order]
    running = np.cumsum(due["principal_due"][first[order]])
    starts = np.append(True, loan[1:] != loan[:-1])[: len(loan)]
    before = np.append(0, running)[:-1][np.flatnonzero(starts)]
    total = running - before[np.cumsum(starts) - 1]
    target = expected(loans)[loan]
    state = np.abs(total - target) > TOLERANCE * target
    last = np.append((loan[1:] != loan[:-1]) | (seen[1:] != seen[:-1]), True)[: len(loan)]
    loan, seen, state = loan[last], seen[last], state[last]
    earlier = np.append(False, state[:-1] & (loan[1:] == loan[:-1]))[: len(loan)]
    change = state != earlier
    return {"mismatch_loan": loan[change], "mismatch_from": seen[change], "mismatch_state": state[change]}


def _rewritten(loans: Subject, due: Frame, payments: Frame, target: Array) -> None:
    """Warn where the schedule in force after the last version does not fit, prepaid and capitalised dues allowed."""
    n = len(loans.frame)
    later = due["schedule_version"] > 1
    if not later.any():
        return
    changed = np.zeros(n, np.bool_)
    changed[due["loan_id"][later]] = True
    ours = due.take(changed[due["loan_id"]])
    order = np.lexsort((ours["schedule_version"], ours["instalment_no"], ours["loan_id"]))
    ours = ours.take(order)
    last = np.ones(len(ours), np.bool_)
    last[:-1] = (ours["loan_id"][1:] != ours["loan_id"][:-1]) | (
        ours["instalment_no"][1:] != ours["instalment_no"][:-1]
    )
    total = _per_loan(ours["loan_id"][last], ours["principal_due"][last], n)
    old = ours.take(~last)
    capitalised = _per_loan(old["loan_id"], old["interest_due"] + old["fee_due"], n)
    early = payments.take(np.isin(payments["purpose"], _PREPAID))
    prepaid = _per_loan(early["loan_id"], early["amount"], n)
    slack = TOLERANCE * target
    off = changed & ((total > target + capitalised + slack) | (total < target - prepaid - slack))
    _warn(loans, off, total, target, "the schedule in force after its last version sums to")


def _per_loan(loan: Array, amount: Array, n: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(loan, weights=amount.astype(np.float64), minlength=n)[:n], np.float64)


def _warn(loans: Subject, off: Array, total: Array, target: Array, what: str) -> None:
    at = np.flatnonzero(off)
    loans.fault(
        "data_mismatch",
        at,
        "principal",
        got=lambda k: f"{what} {money(int(total[at[k]]))}",
        allowed=lambda k: f"{money(int(target[at[k]]))} within 1 %",
    )


def accounts(subject: Subject) -> None:
    """Assets against liabilities and equity, where equity is given; a warning."""
    frame = subject.frame
    assets, equity = frame["total_assets"].astype(np.float64), frame["equity"]
    other_side = frame["total_liabilities"].astype(np.float64) + equity
    off = (equity != MISSING_MONEY) & (np.abs(assets - other_side) > TOLERANCE * np.abs(assets))
    subject.fault("data_mismatch", off, "total_assets", allowed="total_liabilities plus equity within 1 %")
