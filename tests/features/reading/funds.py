"""Family FUND, column by column."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from reading.case import Case, money
from reading.days import DAY
from reading.feed import STALE_DAYS
from reading.ratios import DIFFERENCE, LEVEL, NAN, change, held, ratio
from reading.rows import Row, cents, day, day_of

RESTRICTED = ("securities", "real_estate", "wealth", "gambling")
SETTLEMENT = ("settlement_share_3m", "settlement_share_6m", "settlement_to_loan_3m", "settlement_chg_3v3")


def funds_family(case: Case) -> dict[str, float]:
    return _proceeds(case) | _settlement(case) | _invoices(case)


def _proceeds(case: Case) -> dict[str, float]:
    loan = case.repayment.loan
    payouts = case.of_loan("disbursements") or []
    paid_out = money(payouts) if payouts else cents(loan.row["principal"])
    persons = money([row for row in payouts if row["payee_type"] == "person"])
    told = (case.as_of - loan.disbursed_on).days >= 45 and not loan.observed_late
    return {
        "proceeds_return_ratio_90d": _returned(case, paid_out) if told else NAN,
        "proceeds_unknown_share": ratio(_unknown(case, payouts), paid_out) if payouts else NAN,
        "proceeds_to_individual_share": ratio(persons, paid_out) if payouts else NAN,
        "proceeds_restricted_share": _restricted(case, paid_out) if told else NAN,
    }


def _of_90_days(case: Case, table: str, rows: list[Row]) -> list[Row]:
    first = case.repayment.loan.disbursed_on
    return [row for row in rows if first <= case.day(table, row) <= first + timedelta(90)]


def _returned(case: Case, paid_out: int) -> float:
    trace = case.of_loan("fund_trace")
    if not trace:
        return NAN
    back = 0
    for row in _of_90_days(case, "fund_trace", trace):
        related = _related(case, day_of(row["on"]))
        if 1 <= row["hop"] <= 2 and row["to_id"] in related and row["from_id"] not in related:
            back += cents(row["amount"])
    return ratio(back, paid_out, (0, 1))


def _related(case: Case, at: date) -> set[str]:
    parties = case.of_borrower("parties") or []
    linked = {row["party_id"] for row in parties if day_of(row["from"]) <= at and (day(row.get("to")) or at) >= at}
    return {case.loan["borrower_id"], *linked}


def _unknown(case: Case, payouts: list[Row]) -> int:
    unseen = money([row for row in payouts if row["mode"] == "self" or row.get("payee_id") is None])
    trace = _of_90_days(case, "fund_trace", case.of_loan("fund_trace") or [])
    sent = money([row for row in trace if row["hop"] == 1 and row["from_id"] == case.loan["borrower_id"]])
    return max(0, unseen - sent)


def _restricted(case: Case, paid_out: int) -> float:
    rows, first = case.of_borrower("cashflow"), case.repayment.loan.disbursed_on
    if not rows or min(day_of(row["booked_on"]) for row in rows) > first + timedelta(45):
        return NAN
    spent = [row for row in rows if row.get("category") in RESTRICTED and cents(row["amount"]) < 0]
    return ratio(-money(_of_90_days(case, "cashflow", spent)), paid_out, (0, 1))


def _fresh_cashflow(case: Case) -> list[Row]:
    rows = case.of_borrower("cashflow") or []
    fresh = any(day_of(row["booked_on"]) >= case.as_of - STALE_DAYS * DAY for row in rows)
    return rows if fresh else []


def _receipts(case: Case, rows: list[Row], newest: int, oldest: int, here: bool = False) -> int:
    received = [
        row
        for row in case.within("cashflow", rows, newest, oldest)
        if cents(row["amount"]) > 0
        and row.get("category") in ("salary", "business_income")
        and row.get("counterparty_type") not in ("own", "related", "lender")
        and (not here or row.get("held_here") is True)
    ]
    return money(received)


def _sales(case: Case, rows: list[Row], newest: int, oldest: int) -> int:
    return money([row for row in case.within("invoices", rows, newest, oldest) if row["direction"] == "sale"])


def _settlement(case: Case) -> dict[str, float]:
    rows = _fresh_cashflow(case)
    columns = dict.fromkeys(SETTLEMENT, NAN)
    for months in (3, 6):
        if case.feed_observed("cashflow", rows, months):
            columns[f"settlement_share_{months}m"] = _share(case, rows, months)
    if case.feed_observed("cashflow", rows, 3):
        principal = cents(case.loan["principal"])
        columns["settlement_to_loan_3m"] = ratio(_receipts(case, rows, 0, 3, here=True), principal)
    if case.feed_observed("cashflow", rows, 6):
        now, before = _receipts(case, rows, 0, 3, here=True), _receipts(case, rows, 3, 6, here=True)
        columns["settlement_chg_3v3"] = change(now, before)
    return columns


def _share(case: Case, rows: list[Row], months: int) -> float:
    here = _receipts(case, rows, 0, months, here=True)
    if any(row.get("held_here") is False for row in case.within("cashflow", rows, 0, 6)):
        of = _receipts(case, rows, 0, months)
    else:
        invoices = case.of_borrower("invoices") or []
        seen = case.feed_observed("invoices", invoices, months)
        of = _sales(case, invoices, 0, months) if seen else 0
    return held(Fraction(here, of), LEVEL) if of else NAN


def _invoices(case: Case) -> dict[str, float]:
    invoices, rows = case.of_borrower("invoices") or [], _fresh_cashflow(case)
    names = ("invoice_cover_ratio", "invoice_sales_chg_3v3", "invoice_receipt_gap")
    columns = dict.fromkeys(names, NAN)
    if case.feed_observed("invoices", invoices, 3):
        free = [row for row in invoices if row.get("loan_id") in (None, case.loan["loan_id"])]
        columns[names[0]] = ratio(_sales(case, free, 0, 3), cents(case.loan["principal"]))
        sales = _sales(case, invoices, 0, 3)
        if sales and case.feed_observed("cashflow", rows, 3):
            columns[names[2]] = held(Fraction(sales - _receipts(case, rows, 0, 3), sales), DIFFERENCE)
    if case.feed_observed("invoices", invoices, 6):
        columns[names[1]] = change(_sales(case, invoices, 0, 3), _sales(case, invoices, 3, 6))
    return columns
