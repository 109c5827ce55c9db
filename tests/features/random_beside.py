"""Random rows of the tables beside the repayments, for one borrower and the loans of the book."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st
from random_accounts import cashflow_rows
from random_bureau import external_debt_rows
from random_dice import Dice
from random_firms import financial_rows, invoice_rows, public_event_rows, tax_filing_rows
from random_proceeds import disbursement_rows, fund_trace_rows, party_rows
from random_schedules import Calendar, Row
from random_security import balance_rows, collateral_rows, contact_rows, guarantee_rows
from random_themes import Theme

Rows = dict[str, list[dict[str, Any]]]


@st.composite
def rows_beside(draw: st.DrawFn, loans: list[Row], calendar: Calendar, theme: Theme) -> Rows:
    """The tables of the theme, one of them absent at times."""
    wanted = draw(st.sampled_from(theme.beside))
    if not wanted:
        return {}
    absent = draw(st.sampled_from([None, None, None, *wanted]))
    dice = Dice.drawn(draw, calendar)
    made = _of_borrower(dice, loans)
    for loan in loans:
        for table, rows in _of_loan(dice, loan).items():
            made.setdefault(table, []).extend(rows)
    return {table: rows for table, rows in made.items() if table in wanted and table != absent}


def _of_borrower(dice: Dice, loans: list[Row]) -> Rows:
    borrower_id = loans[0]["borrower_id"]
    paid_out = {loan["loan_id"]: date.fromisoformat(loan["disbursed_on"]) for loan in loans}
    return {
        "cashflow": cashflow_rows(dice, borrower_id),
        "external_debts": external_debt_rows(dice, borrower_id),
        "public_events": public_event_rows(dice, borrower_id),
        "invoices": invoice_rows(dice, borrower_id, paid_out),
        "financials": financial_rows(dice, borrower_id),
        "tax_filings": tax_filing_rows(dice, borrower_id),
        "parties": party_rows(dice, borrower_id),
    }


def _of_loan(dice: Dice, loan: Row) -> Rows:
    loan_id, on = loan["loan_id"], date.fromisoformat(loan["disbursed_on"])
    return {
        "disbursements": disbursement_rows(dice, loan_id, on),
        "fund_trace": fund_trace_rows(dice, loan_id, loan["borrower_id"], on),
        "collateral": collateral_rows(dice, loan_id, on),
        "guarantees": guarantee_rows(dice, loan_id, on),
        "balances": balance_rows(dice, loan_id, on),
        "contacts": contact_rows(dice, loan_id, on),
    }
