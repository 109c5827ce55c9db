"""Evidence from the loan itself: instalments, payments, events, balances, terms, what is still to fall due."""

from __future__ import annotations

import numpy as np

from book.tables import MISSING_DAY
from reports.loan.evidence.case import Case, Wanted, picked, shown
from reports.loan.rows import RowsView
from reports.loan.view import InstalmentView

_INSTALMENT = ("no", "due_on", "due", "paid", "settled_on", "days_late")


def instalments(case: Case, wanted: Wanted) -> RowsView:
    """Judged instalments of the window; `late` ones count while any of their lateness lies in it."""
    since = case.since(wanted.months)
    kept = [one for one in case.instalments if _holds(one, wanted.only, since)]
    kept = kept[-wanted.latest :] if wanted.latest else kept
    if wanted.order == "worst":
        kept.sort(key=lambda one: (one.days_late is None, -(one.days_late or 0), one.paid - one.due, -one.due_on))
    elif wanted.order != "first":
        kept.reverse()
    rows = [(one.no, one.due_on, one.due, one.paid, one.settled_on, one.days_late) for one in kept]
    return picked(_INSTALMENT, rows, wanted.most)


def _holds(one: InstalmentView, only: str, since: int) -> bool:
    if only == "open":
        return one.mark in ("open", "part")
    if only == "late":
        return (one.days_late or 0) > 0 and (one.settled_on is None or one.settled_on > since)
    return one.due_on > since


def payments(case: Case, wanted: Wanted) -> RowsView:
    """Payment rows of the window: failed debits, prepayments, money of others, or all that was booked."""
    known = case.known("payments")
    kept = np.ones(known.rows, np.bool_) if not known.rows else known["paid_on"] > case.since(wanted.months)
    failed = known.among("status", "failed")
    columns: tuple[str, ...] = ("paid_on", "amount", "status", "method")
    if wanted.only in ("failed", "insufficient", "technical", "debits"):
        columns = ("paid_on", "amount", "status", "fail_reason")
        kept &= failed | (known.among("method", "autopay") if wanted.only == "debits" else False)
        kinds = {"failed": ("insufficient",), "insufficient": ("insufficient",), "technical": ("technical", "mandate")}
        if wanted.only in kinds:
            kept &= known.among("fail_reason", *kinds[wanted.only])
    elif wanted.only == "prepayments":
        kept &= known.among("purpose", "partial_prepay", "full_prepay")
        columns = ("paid_on", "amount", "purpose")
    elif wanted.only == "others":
        kept &= ~failed & ~known.among("payer", "borrower") & ("payer" in known)
        kept &= known["payer"] >= 0 if "payer" in known else True
        columns = ("paid_on", "amount", "payer")
    else:
        kept &= ~failed
    return shown(known, columns, kept, None, wanted)


def events(case: Case, wanted: Wanted) -> RowsView:
    """Events of the contract of the kinds wanted."""
    known = case.known("loan_events")
    kept = known.among("event_type", *wanted.only.split())
    if known.rows:
        kept &= known["event_on"] > case.since(wanted.months)
    return shown(known, ("event_on", "event_type"), kept, None, wanted)


def balances(case: Case, wanted: Wanted) -> RowsView:
    """Balances of a revolving loan in the window."""
    known = case.known("balances")
    kept = known["as_on"] > case.since(wanted.months) if known.rows else np.zeros(0, np.bool_)
    found = shown(known, ("as_on", "principal", "limit", "min_due"), kept, None, wanted)
    return RowsView(("as_on", "balance_principal", "limit", "min_due"), found.rows, found.of)


def contract(case: Case, wanted: Wanted) -> RowsView:
    """The terms of the loan."""
    loans, row = case.h.dossiers.loans, int(case.h.dossiers.loan[case.i])
    rate = float(loans["annual_rate"][row]) if "annual_rate" in loans else None
    outstanding = float(case.h.principal_outstanding[case.i])
    values = (
        int(loans["disbursed_on"][row]),
        int(loans["principal"][row]),
        None if outstanding != outstanding else round(outstanding),
        None if rate is None or rate != rate else rate,
        _day(loans["maturity_on"][row]) if "maturity_on" in loans else None,
    )
    return RowsView(("disbursed_on", "principal", "principal_outstanding", "annual_rate", "maturity_on"), (values,), 1)


def ahead(case: Case, wanted: Wanted) -> RowsView:
    """Dues still to come, the next ones first, or the last one alone."""
    coming = case.h.plan.coming(case.i)
    rows = coming[-1:] if wanted.order == "last" else coming
    return RowsView(("due_on", "due"), tuple(rows[: wanted.most]), len(rows))


def other_loans(case: Case, wanted: Wanted) -> RowsView:
    """The borrower's other loans here, the most overdue first."""
    others, of = case.h.others
    mine = np.flatnonzero(of == case.i)
    if not len(mine):
        return RowsView(("loan", "disbursed_on", "principal", "dpd"), (), 0)
    late, loans = others.dpd_now, others.dossiers.loans
    mine = mine[np.argsort(-late[mine], kind="stable")]
    rows = [
        (
            str(others.loan_ids[j]),
            *(int(loans[name][others.dossiers.loan[j]]) for name in ("disbursed_on", "principal")),
            int(late[j]),
        )
        for j in mine.tolist()
    ]
    return picked(("loan", "disbursed_on", "principal", "dpd"), rows, wanted.most)


def cohort(case: Case, wanted: Wanted) -> RowsView:
    """Nothing of this loan: the value is of other loans."""
    return RowsView((), (), 0)


def _day(value: int) -> int | None:
    return None if int(value) == MISSING_DAY else int(value)
