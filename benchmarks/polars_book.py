"""The book as hand-written Polars reads it: days and ids as whole numbers, money in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

OWN = ("borrower", "co_borrower", "other")
LOAN, BORROWER = "loan", "borrower"
c = pl.col


@dataclass(frozen=True)
class Book:
    """The tables, days as whole numbers and money in minor units."""

    loans: pl.DataFrame
    dues: pl.DataFrame
    payments: pl.DataFrame
    events: pl.DataFrame
    cashflow: pl.DataFrame


def read(folder: Path) -> Book:
    """Read the five tables and prepare what does not depend on the day asked about."""
    ids = pl.read_parquet(folder / "part-00000" / "loans.parquet", columns=["loan_id", "borrower_id"])
    numbers = {
        "loan_id": ids.select("loan_id", pl.int_range(pl.len()).alias(LOAN)),
        "borrower_id": ids.select(c("borrower_id").unique(maintain_order=True)).with_row_index(BORROWER),
    }

    def table(name: str, owner: str, *columns: str) -> pl.DataFrame:
        """A table with the ids of its owner as whole numbers: they join and group faster than text."""
        frame = pl.read_parquet(folder / "part-00000" / f"{name}.parquet", columns=[owner, *columns, "posted_at"])
        frame = frame.join(numbers[owner], on=owner, how="left", maintain_order="left")
        money = [n for n, kind in frame.schema.items() if isinstance(kind, pl.Decimal)]
        dates = [n for n, kind in frame.schema.items() if kind == pl.Date]
        return frame.with_columns(*(c(n).to_physical().cast(pl.Int64) for n in (*money, *dates, "posted_at")))

    dues = table(
        "instalments", "loan_id", "instalment_no", "valid_from", "due_on", "principal_due", "interest_due", "fee_due"
    )
    dues = dues.with_columns(due=c("principal_due") + c("interest_due") + c("fee_due")).filter(c("due") > 0)
    payments = table(
        "payments",
        "loan_id",
        "payment_id",
        "paid_on",
        "amount",
        "purpose",
        "payer",
        "method",
        "status",
        "fail_reason",
        "reverses_id",
    )
    undone = (
        payments.filter(c("status") == "reversal")
        .group_by("reverses_id")
        .agg(undone_on=c("paid_on").min(), undone_at=c("posted_at").min())
    )
    payments = payments.filter(c("status") != "reversal").join(
        undone, left_on="payment_id", right_on="reverses_id", how="left"
    )
    posted, meant = c("status") == "posted", c("purpose").is_null() | (c("purpose") == "scheduled")
    payments = payments.with_columns(
        scheduled=posted & meant & (c("payer").is_null() | c("payer").is_in(OWN)),
        posted=posted,
        ahead=posted & c("purpose").is_in(["partial_prepay", "full_prepay"]),
    )
    return Book(
        loans=table("loans", "loan_id", "borrower_id", "disbursed_on").join(numbers["borrower_id"], on="borrower_id"),
        dues=dues.sort(LOAN, "due_on", "instalment_no"),
        payments=payments.sort(LOAN, "paid_on"),
        events=table("loan_events", "loan_id", "event_type", "event_on"),
        cashflow=table("cashflow", "borrower_id", "booked_on", "amount", "category", "counterparty_type"),
    )
