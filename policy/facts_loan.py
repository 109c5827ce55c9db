"""Facts of the loan itself: size, age, purpose, security, and how its final due is covered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.cash import Accounts
from features.history import History
from features.ledger import among, posted
from policy.rows import Floats, flag, latest, money, unknown


def loan_facts(h: History) -> dict[str, Floats]:
    """Every fact of group `loan` in `facts.toml`, each (n,)."""
    firm = among(h.of_loan("borrower_type"), "loans", "borrower_type", "firm")
    accrued, undrawn = _on_balance(h, "accrued"), _on_balance(h, "undrawn")
    at_the_end = among(h.of_loan("repayment_type"), "loans", "repayment_type", "bullet", "interest_only")
    return {
        "firm": firm.astype(float),
        "retail": retail(h),
        "secured": _secured(h),
        "purpose_loan": _given(h, "purpose"),
        "principal": money(h.of_loan("principal")),
        "principal_outstanding": h.principal_outstanding / 100,
        "accrued": accrued,
        "undrawn": undrawn,
        "instalment": h.instalment / 100,
        "days_on_book": (h.as_of - h.of_loan("disbursed_on")).astype(float),
        "first_due_age": h.as_of - h.first_judged(0)[0],
        "settlement_covenant": _number(h, "settlement_covenant"),
        "origination_pd": _number(h, "origination_pd"),
        "refinancing": _refinancing(h),
        "balloon_loan": (at_the_end & (h.plan.due_in_all > 0)).astype(float),
        "days_to_balloon": np.where(at_the_end, h.plan.last_due_on - h.as_of, np.nan),
        "balloon_cover": _balloon_cover(h, at_the_end & (h.plan.due_in_all > 0)),
    }


def retail(h: History) -> Floats:
    """1 for persons and micro or small firms, 0 for other firms, NaN for firms of unknown size."""
    firm = among(h.of_loan("borrower_type"), "loans", "borrower_type", "firm")
    if "firm_size" not in h.dossiers.loans:
        return np.where(firm, np.nan, 1.0)
    size = h.of_loan("firm_size")
    small = among(size, "loans", "firm_size", "micro_small")
    return np.where(firm, np.where(size < 0, np.nan, small), 1.0)


def _number(h: History, column: str) -> Floats:
    return h.of_loan(column).astype(float) if column in h.dossiers.loans else unknown(h)


def _given(h: History, column: str) -> Floats:
    """1 where a text is given, 0 where it is empty; NaN where no loan of the source has it."""
    if column not in h.dossiers.loans:
        return unknown(h)
    known = h.dossiers.loans[column] != None  # noqa: E711 - elementwise on an object array
    return known[h.dossiers.loan].astype(float) if known.any() else unknown(h)


def _secured(h: History) -> Floats:
    """1 where a thing was pledged or a guarantor is named; NaN where the source has neither table."""
    found: NDArray[np.bool_] | None = None
    for table, day in (("collateral", "valued_on"), ("guarantees", "from")):
        if h.rows(table) is not None:
            series = h.dated(table, day)
            there = series.position[:, -1] > series.first
            found = there if found is None else found | there
    return unknown(h) if found is None else found.astype(float)


def _on_balance(h: History, column: str) -> Floats:
    """A money column of the latest balances row that gives it, major units; NaN where there is none."""
    rows = h.rows("balances")
    if rows is None or column not in rows or not len(rows[column]):
        return unknown(h)
    at = latest(h.dated("balances", "as_on"), rows[column] >= 0)
    return np.where(at >= 0, money(rows[column])[np.maximum(at, 0)], np.nan)


def _refinancing(h: History) -> Floats:
    """1 where the loan repays another one, or was paid by new debt (payer `refinance`)."""
    repays = np.zeros(h.n, bool)
    if "refinances_loan_id" in h.dossiers.loans:
        repays = h.of_loan("refinances_loan_id") >= 0
    rows = h.dossiers.tables["payments"]
    if "payer" not in rows:
        return repays.astype(float)
    by_debt = among(rows["payer"], "payments", "payer", "refinance") & posted(rows)
    return (repays | (h.payments.so_far(by_debt) > 0)).astype(float)


def _balloon_cover(h: History, some: NDArray[np.bool_]) -> Floats:
    """(Balance of the accounts + limits not drawn on the borrower's other loans here) / what is left of the final due.

    NaN where no due falls at the end, nothing is left, or the accounts are not known.
    """
    if not some.any():
        return unknown(h)
    balance = h.once(Accounts).balance(h.as_of[:, None])[:, 0]
    others, of = h.of_others(lambda others: np.nan_to_num(_on_balance(others, "undrawn") * 100))
    limits = np.bincount(of, others, minlength=h.n) if len(of) else np.zeros(h.n)
    left = np.clip(h.plan.due_in_all - h.met, 0, h.plan.last_due).astype(float)
    covered = np.maximum(balance, 0) + limits
    return np.where(some & (left > 0), covered / np.maximum(left, 1), np.nan)


def securities_seized(h: History) -> Floats:
    """1 where a pledged thing is seized, disputed or disposed of by its latest row; NaN without the table."""
    rows = h.rows("collateral")
    if rows is None:
        return unknown(h)
    gone = among(rows["status"], "collateral", "status", "seized", "disputed", "disposed")
    return flag(h.dated("collateral", "valued_on").so_far(gone).astype(float))
