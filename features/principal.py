"""Principal not repaid yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from book.dossiers import Rows
from book.tables import MISSING_MONEY
from features.ledger import among, posted
from features.measures import Values

if TYPE_CHECKING:
    from features.history import History


def outstanding(h: History) -> Values:
    """Principal (or opening balance) less principal paid by as_of, at least 0; minor units, (n,).

    Principal paid is what posted payments say where each of them says it, else the principal of the dues that
    scheduled money covers in order, plus prepayments. Of a revolving loan it is the latest known balance, NaN
    where there is none.
    """
    drawn = revolving(h)
    left = _repaid_from(h)
    return np.where(drawn, _balance(h), left) if drawn.any() else left


def revolving(h: History) -> NDArray[np.bool_]:
    """Whether each loan revolves: drawn and repaid within a limit, (n,)."""
    return among(h.of_loan("repayment_type"), "loans", "repayment_type", "revolving")


def _balance(h: History) -> Values:
    """The principal of the latest balances row by as_of, minor units, (n,)."""
    rows = h.rows("balances")
    if rows is None or not len(rows["principal"]):
        return np.full(h.n, np.nan)
    series = h.dated("balances", "as_on")
    end = series.position[:, -1]
    return np.where(end > series.first, rows["principal"][np.maximum(end - 1, 0)], np.nan)


def _repaid_from(h: History) -> Values:
    """What is left of the principal by the payments, (n,)."""
    start = h.of_loan("principal").astype(float)
    if "opening_balance" in h.dossiers.loans:
        opening = h.of_loan("opening_balance")
        start = np.where(h.observed_late & (opening != MISSING_MONEY), opening, start)
    rows = h.dossiers.tables["payments"]
    money = posted(rows) & h.observed_rows
    inferred = h.plan.principal_met(h.met) + h.payments.so_far(rows["amount"], money & prepaid(h))
    if "principal" not in rows:
        return np.maximum(start - inferred, 0)
    told = money & (rows["principal"] != MISSING_MONEY)
    if not told.any():
        return np.maximum(start - inferred, 0)
    n_told, n_money = h.payments.so_far(told), h.payments.so_far(money)
    said = h.payments.so_far(rows["principal"], told)
    return np.maximum(start - np.where((n_told == n_money) & (n_money > 0), said, inferred), 0)


def prepaid(h: History) -> NDArray[np.bool_]:
    """Which payment rows are meant as prepayments, (n_payments,)."""
    return h.dossiers.tables["payments"].once(_prepaid)


def _prepaid(rows: Rows) -> NDArray[np.bool_]:
    if "purpose" not in rows:
        return np.zeros(len(rows["paid_on"]), bool)
    return among(rows["purpose"], "payments", "purpose", "partial_prepay", "full_prepay")
