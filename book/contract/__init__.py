"""The input contract: every table a lender may hand in, declared once.

Loading, checking, the API's request model and `docs/contract.md` all come from `TABLES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from book.contract import borrower, care, repayment, security
from book.contract.kinds import Column, Kind, Table

_IN_ORDER: Final = (
    repayment.LOANS,
    repayment.INSTALMENTS,
    repayment.PAYMENTS,
    repayment.LOAN_EVENTS,
    repayment.BALANCES,
    repayment.CHARGES,
    security.DISBURSEMENTS,
    security.FUND_TRACE,
    security.PARTIES,
    borrower.CASHFLOW,
    borrower.EXTERNAL_DEBTS,
    security.COLLATERAL,
    security.GUARANTEES,
    borrower.PUBLIC_EVENTS,
    borrower.INVOICES,
    borrower.TAX_FILINGS,
    borrower.FINANCIALS,
    repayment.IMPAIRMENT,
    care.FINDINGS,
    care.CONTACTS,
    care.ACTIONS,
    care.TASKS,
    care.CONSENTS,
    care.COMPLAINTS,
    borrower.ATTRIBUTES,
)

TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in _IN_ORDER})
REQUIRED_TABLES: Final = tuple(table.name for table in _IN_ORDER if table.required)
CLOSING_EVENTS: Final = ("write_off", "sold", "closed", "prepaid")

__all__ = ["CLOSING_EVENTS", "REQUIRED_TABLES", "TABLES", "Column", "Kind", "Table"]
