"""Random rows of what is known of borrowers beside their payments: debts elsewhere, funds, registers, security."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]
FIRST = date(2022, 11, 1)
DAYS = 640
REGISTER = ("legal_rep", "controller", "address", "litigation_defendant", "enforcement", "tax_arrears", "penalty")
CATEGORIES = ("salary", "business_income", "transfer", "securities", "gambling", "essential", None)
FIGURES = (
    "total_assets", "total_liabilities", "current_assets", "current_liabilities", "sales", "receivables",
    "interest_expense", "operating_cashflow",
)  # fmt: skip
SIDES = ("person", "firm", "lender", "own", "related", None)


def borrower_rows(dice: Random, borrower: str) -> Rows:
    """One borrower with one or two loans and rows in every table; a fifth of them posted late."""
    rows: Rows = {"loans": [], "instalments": [], "payments": []}
    for number in range(dice.choice((1, 1, 2))):
        _loan(dice, rows, borrower, f"{borrower}-L{number}")
    _reports(dice, rows, borrower)
    _accounts(dice, rows, borrower)
    _registers(dice, rows, borrower)
    return rows


def _day(dice: Random) -> date:
    return FIRST + timedelta(dice.randrange(DAYS))


def _posted(dice: Random, day: date) -> Row:
    late = dice.randrange(1, 120) if dice.random() < 0.2 else 0
    return {"posted_at": f"{day + timedelta(late)}T04:00:00+00:00"}


def _money(dice: Random, most: int = 5_000) -> str:
    return f"{dice.randrange(most)}.{dice.randrange(100):02d}"


def _add(dice: Random, rows: Rows, table: str, day: date, column: str, row: Row) -> None:
    plain = {name: value for name, value in row.items() if value is not None}
    rows.setdefault(table, []).append(plain | {column: day.isoformat()} | _posted(dice, day))


def _loan(dice: Random, rows: Rows, borrower: str, loan: str) -> None:
    start, kind = FIRST + timedelta(dice.randrange(200)), dice.choice(("annuity", "revolving"))
    rows["loans"].append({
        "loan_id": loan, "borrower_id": borrower, "product": dice.choice(("car", "line")), "currency": "CNY",
        "borrower_type": dice.choice(("person", "firm")), "principal": "6000.00", "annual_rate": 0.1,
        "disbursed_on": start.isoformat(), "maturity_on": (start + timedelta(900)).isoformat(), "n_instalments": 6,
        "repayment_type": kind, "region": dice.choice(("north", "south")),
    })  # fmt: skip
    for number in range(1, 7):
        due = start + timedelta(30 * number)
        rows["instalments"].append({
            "loan_id": loan, "instalment_no": number, "schedule_version": 1, "valid_from": start.isoformat(),
            "due_on": due.isoformat(), "principal_due": "1000.00", "interest_due": "0.00", "fee_due": "0.00",
        })  # fmt: skip
        row = {"payment_id": f"{loan}-{number}", "loan_id": loan, "amount": "1000.00", "status": "posted"}
        _add(dice, rows, "payments", due + timedelta(dice.randrange(60)), "paid_on", row)
    for number in range(dice.randrange(8)):
        drawn: Row = {"principal": _money(dice), "limit": dice.choice((None, "3000.00", "0.00")), "min_due": "100.00"}
        row = drawn | {"loan_id": loan, "undrawn": dice.choice((None, "10.00")), "statement_balance": _money(dice)}
        _add(dice, rows, "balances", start + timedelta(31 * number), "as_on", row)
    for number in range(dice.randrange(4)):
        row = {"loan_id": loan, "collateral_id": f"{loan}-{number % 2}", "kind": "flat", "value": _money(dice, 20_000)}
        row |= {"lien_rank": 1, "status": dice.choice(("ok", "ok", "seized"))}
        _add(dice, rows, "collateral", start + timedelta(dice.randrange(60) + 61 * number), "valued_on", row)
    for number in range(dice.randrange(3)):
        payee: Row = {"payee_id": dice.choice((None, "P1")), "payee_type": dice.choice(("person", "firm", "own"))}
        row = {"disbursement_id": f"{loan}-{number}", "loan_id": loan, "amount": _money(dice), "mode": "entrusted"}
        _add(dice, rows, "disbursements", start + timedelta(number), "on", row | payee)
    for number in range(dice.randrange(5)):
        ends = {"from_id": dice.choice((borrower, "P1", "P2")), "to_id": dice.choice((borrower, "P1", "P2"))}
        row = {"trace_id": f"{loan}-{number}", "loan_id": loan, "hop": dice.randrange(4), "amount": _money(dice)}
        _add(dice, rows, "fund_trace", start + timedelta(dice.randrange(120)), "on", row | ends)
    row = {"loan_id": loan, "guarantor_id": dice.choice(("B0", "B1", "B2"))}
    _add(dice, rows, "guarantees", start, "from", row)


def _reports(dice: Random, rows: Rows, borrower: str) -> None:
    for report in range(dice.randrange(10)):
        day = _day(dice)
        posted = _posted(dice, day)
        for line in range(dice.randrange(1, 5)):
            rows.setdefault("external_debts", []).append({
                "snapshot_id": f"{borrower}-{report}", "borrower_id": borrower, "line_no": line,
                "report_on": day.isoformat(), "lender_id": f"bank {dice.randrange(3)}", "debt_type": "loan",
                "opened_on": _day(dice).isoformat(), "balance": _money(dice), "dpd": dice.choice((0, 0, 5, 95)),
                "score": 600.0 + dice.randrange(100), "is_ours": dice.random() < 0.2, "approval_inquiries_3m": line,
                "approval_inquiries_1m": 0, "approval_inquiries_6m": 9,
                **({"limit": "2000.00"} if line == 1 else {"maturity_on": _day(dice).isoformat()}),
            } | posted)  # fmt: skip


def _accounts(dice: Random, rows: Rows, borrower: str) -> None:
    for number in range(dice.randrange(60)):
        row = {"txn_id": f"{borrower}-{number}", "borrower_id": borrower, "account_id": f"{borrower} account"}
        row |= {"amount": f"{dice.choice(('', '-'))}{_money(dice)}", "category": dice.choice(CATEGORIES)}
        row |= {"counterparty_type": dice.choice(SIDES), "held_here": dice.choice((True, False, None))}
        _add(dice, rows, "cashflow", _day(dice), "booked_on", row)
    for number in range(dice.randrange(20)):
        row = {"invoice_id": f"{borrower}-{number}", "borrower_id": borrower, "amount": _money(dice), "status": "open"}
        row |= {"direction": dice.choice(("sale", "purchase")), "loan_id": dice.choice((None, f"{borrower}-L0"))}
        _add(dice, rows, "invoices", _day(dice), "issued_on", row)


def _registers(dice: Random, rows: Rows, borrower: str) -> None:
    for number in range(dice.randrange(6)):
        row = {"event_id": f"{borrower}-{number}", "borrower_id": borrower, "event_type": dice.choice(REGISTER)}
        _add(dice, rows, "public_events", _day(dice), "event_on", row)
    for number in range(2):
        row = {"borrower_id": borrower, "party_id": f"P{number}", "relation": "kin"}
        _add(dice, rows, "parties", _day(dice), "from", row)
    for year in (2021, 2022, 2023):
        figures = {name: _money(dice) for name in FIGURES}
        row = {"borrower_id": borrower, "ebit": f"-{_money(dice)}", **figures}
        _add(dice, rows, "financials", date(year, 12, 31), "period_end", row)
    for month in range(dice.randrange(24)):
        row = {"borrower_id": borrower, "declared_sales": _money(dice), "tax_due": "10.00", "tax_paid": "9.00"}
        end = date(2022 + month // 12, month % 12 + 1, 28)
        _add(dice, rows, "tax_filings", end, "period_end", row)
