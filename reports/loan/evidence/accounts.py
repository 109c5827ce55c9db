"""Evidence from the borrower's accounts: movements, months of income and flows, the balance before each due date."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.tables import MISSING_MONEY
from features.cash import Accounts
from features.history import History
from reports.loan.evidence.case import Case, Wanted, picked, shown
from reports.loan.known_rows import Known
from reports.loan.rows import RowsView
from reports.loan.view import InstalmentView

Int = NDArray[np.int64]


def movements(case: Case, wanted: Wanted) -> RowsView:
    """Account movements of the window: of categories, in or out, largest, lowest balance or latest first."""
    known = case.known("cashflow")
    if not known.rows:
        return RowsView((), (), 0)
    amount = known["amount"].astype(np.int64)
    kept = known["booked_on"] > case.since(wanted.months)
    columns: tuple[str, ...] = ("booked_on", "amount", "category", "counterparty_type")
    if wanted.only in ("in", "out"):
        kept &= amount > 0 if wanted.only == "in" else amount < 0
    elif wanted.only == "with_balance":
        columns = ("booked_on", "balance_after", "amount", "category")
        kept &= known["balance_after"] != MISSING_MONEY if "balance_after" in known else False
    elif wanted.only:
        kept &= known.among("category", *wanted.only.split())
    key = np.abs(amount) if wanted.order == "largest" else None
    if wanted.order == "lowest" and "balance_after" in known:
        key = -np.maximum(known["balance_after"], MISSING_MONEY + 1)
    return shown(known, columns, kept, key, wanted)


def income(case: Case, wanted: Wanted) -> RowsView:
    """Income, essential spending and dues of the loan by month, latest first."""
    known = case.known("cashflow")
    if not known.rows:
        return RowsView((), (), 0)
    months = _months(case, known, wanted)
    came, spent = (_sums(known, kept, months) for kept in (income_rows(known), _spent(known, "essential", "tax")))
    due = _due_by_month(case.instalments, months)
    rows = list(zip(month_end(months).tolist(), came, spent, due, strict=True))
    return picked(("month", "income", "essential", "due_month"), rows[::-1], max(wanted.most, min(len(rows), 6)))


def flows(case: Case, wanted: Wanted) -> RowsView:
    """Money in and out by month, and the balance at its end, latest first."""
    known = case.known("cashflow")
    if not known.rows:
        return RowsView((), (), 0)
    months, amount = _months(case, known, wanted), known["amount"]
    came, went = (_sums(known, kept, months) for kept in (amount > 0, amount < 0))
    held = balances(case.h, case.i, np.minimum(month_end(months), case.as_of))
    rows = list(zip(month_end(months).tolist(), came, went, held, strict=True))
    return picked(("month", "inflow", "outflow", "balance"), rows[::-1], max(wanted.most, min(len(rows), 6)))


def liquidity(case: Case, wanted: Wanted) -> RowsView:
    """What was on the accounts on the eve of each of the latest due dates, and how late the instalment came."""
    chosen = case.instalments[-(wanted.latest or 6) :]
    held = balances(case.h, case.i, np.array([one.due_on - 1 for one in chosen], np.int64))
    rows = [
        (one.due_on, one.due, eve, None if eve is None or one.due <= 0 else eve / one.due, one.days_late)
        for one, eve in zip(chosen, held, strict=True)
    ]
    return picked(("due_on", "due", "eve_balance", "cover", "days_late"), rows[::-1], max(wanted.most, 6))


def balances(h: History, i: int, days: Int) -> list[int | None]:
    """The balance of all accounts of observation `i` at the end of `days`, minor units; None where it is not known."""
    if "cashflow" not in h.dossiers.tables or not len(days):
        return [None] * len(days)
    accounts = h.once(Accounts)
    first, stop = accounts.balances.at[accounts.unit[i]].tolist()
    if accounts.first[i] > h.as_of[i]:
        stop = first
    at = np.searchsorted(accounts.balances.on[first:stop], days, side="right")
    return [int(accounts.balances.held[first + k - 1]) if k else None for k in at.tolist()]


def income_rows(known: Known) -> NDArray[np.bool_]:
    """Which movements are income: salary and business income coming in, from no account of the borrower's own."""
    own = known.among("counterparty_type", "own", "related")
    return np.asarray(known.among("category", "salary", "business_income") & (known["amount"] > 0) & ~own)


def _spent(known: Known, *categories: str) -> NDArray[np.bool_]:
    own = known.among("counterparty_type", "own", "related")
    return np.asarray(known.among("category", *categories) & (known["amount"] < 0) & ~own)


def _months(case: Case, known: Known, wanted: Wanted) -> Int:
    """The months of the window that hold as_of or a movement, oldest first."""
    last = int(month_of(np.array([case.as_of]))[0])
    first = max(last - (wanted.months or 6) + 1, int(month_of(known["booked_on"][:1])[0]))
    return np.arange(first, last + 1)


def _sums(known: Known, kept: NDArray[np.bool_], months: Int) -> list[int]:
    """Sum of the kept movements without their sign by month."""
    place = month_of(known["booked_on"][kept]) - months[0]
    inside = (place >= 0) & (place < len(months))
    total = np.zeros(len(months), np.int64)
    np.add.at(total, place[inside], np.abs(known["amount"][kept][inside].astype(np.int64)))
    return [int(one) for one in total]


def _due_by_month(instalments: tuple[InstalmentView, ...], months: Int) -> list[int]:
    total = dict.fromkeys(months.tolist(), 0)
    if instalments:
        for one, month in zip(instalments, month_of(np.array([i.due_on for i in instalments])).tolist(), strict=True):
            if month in total:
                total[month] += one.due
    return list(total.values())


__all__ = ["balances", "flows", "income", "income_rows", "liquidity", "movements"]
