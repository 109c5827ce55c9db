"""The tables of a simulated part, one file per table. Each has `table(part) -> pyarrow.Table`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from book.sources.simulate.part import Part
from book.sources.simulate.tables import (
    balances,
    cashflow,
    charges,
    collateral,
    contacts,
    disbursements,
    external_debts,
    financials,
    fund_trace,
    guarantees,
    instalments,
    invoices,
    loan_events,
    loans,
    parties,
    payments,
    public_events,
    tax_filings,
    truth,
)

TABLES: Mapping[str, Callable[[Part], pa.Table]] = {
    "loans": loans.table,
    "instalments": instalments.table,
    "payments": payments.table,
    "loan_events": loan_events.table,
    "balances": balances.table,
    "charges": charges.table,
    "disbursements": disbursements.table,
    "fund_trace": fund_trace.table,
    "parties": parties.table,
    "cashflow": cashflow.table,
    "external_debts": external_debts.table,
    "collateral": collateral.table,
    "guarantees": guarantees.table,
    "public_events": public_events.table,
    "invoices": invoices.table,
    "tax_filings": tax_filings.table,
    "financials": financials.table,
    "contacts": contacts.table,
}
TRUTH = truth.table
