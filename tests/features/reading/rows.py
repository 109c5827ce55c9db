"""The rows as they were written, and which of them were known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from reading.days import end_of_day, stamp

from book.settings import Settings

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

EVENT = {
    "loans": "disbursed_on",
    "instalments": "valid_from",
    "payments": "paid_on",
    "loan_events": "event_on",
    "charges": "charged_on",
    "cashflow": "booked_on",
    "external_debts": "report_on",
    "balances": "as_on",
    "disbursements": "on",
    "fund_trace": "on",
    "parties": "from",
    "collateral": "valued_on",
    "guarantees": "from",
    "public_events": "event_on",
    "invoices": "issued_on",
    "tax_filings": "period_end",
    "financials": "period_end",
    "contacts": "at",
}
LAG = {"external_debts": 3, "tax_filings": 60, "financials": 60}


def day(text: Any) -> date | None:
    return None if text is None else date.fromisoformat(str(text))


def day_of(text: Any) -> date:
    return date.fromisoformat(str(text))


def cents(amount: Any) -> int:
    """Money in minor units; a missing part counts nothing."""
    return int((Decimal(str(amount or 0)) * 100).to_integral_exact())


def event_day(table: str, row: Row, settings: Settings) -> date:
    """The day a row is about; of a moment its day in the book's time zone."""
    when = str(row[EVENT[table]])
    if "T" in when:
        return datetime.fromisoformat(when).astimezone(ZoneInfo(settings.timezone)).date()
    return date.fromisoformat(when)


def posted(table: str, row: Row, settings: Settings) -> int:
    """When the lender knew the row: `posted_at`, or the end of the event day plus the table's lag."""
    if row.get("posted_at") is not None:
        return stamp(datetime.fromisoformat(str(row["posted_at"])))
    lag = settings.posting_lag_days.get(table, LAG.get(table, 0))
    return end_of_day(event_day(table, row, settings) + timedelta(days=lag), settings.timezone)


def known(rows: Tables, table: str, settings: Settings, as_of: date, cutoff: int) -> list[Row] | None:
    """The rows of a table that were true and known; None where the table is absent."""
    if table not in rows:
        return None
    return [
        row
        for row in rows[table]
        if event_day(table, row, settings) <= as_of and posted(table, row, settings) <= cutoff
    ]
