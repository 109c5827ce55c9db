"""The Czech bank of PKDD'99 (Berka) as tables of the contract, in memory: what was known on the day of the grant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.load import load_frames
from book.pseudonym import Pseudonyms
from book.settings import Settings
from book.tables import Tables

SETTINGS = Settings(timezone="Europe/Prague", currency="CZK", source="PKDD'99 Discovery Challenge")
KEY = Pseudonyms(b"a public data set, ids without meaning")
BAD = ("B", "D")  # finished and not paid; running and in debt
ESSENTIAL = ("household", "insurrance payment")  # as the source spells it
c = pl.col


@dataclass(frozen=True)
class Grants:
    """Loans on the day of their grant: `tables`, the day `as_of` (n,) and whether the loan went bad, y (n,)."""

    tables: Tables
    as_of: NDArray[np.int32]
    y: NDArray[np.float64]


def read_berka(folder: Path, most: int | None = None) -> Grants:
    """The loans in `folder` (loan.parquet, trans.parquet), the first `most` by day of grant where given."""
    granted = pl.read_parquet(folder / "loan.parquet").sort("date", "loan_id").head(most or 10**9)
    granted = granted.with_columns(on=("19" + c("date").cast(pl.String)).str.to_date("%Y%m%d"))
    moved = pl.read_parquet(folder / "trans.parquet").join(granted.select("account_id"), on="account_id", how="semi")
    frames = {
        "loans": loans(granted),
        "instalments": instalments(granted),
        "payments": pl.DataFrame(schema=dict.fromkeys(("payment_id", "loan_id", "paid_on", "amount"), pl.String)),
        "cashflow": cashflow(moved),
    }
    tables = load_frames(frames, SETTINGS, KEY, "berka").tables
    status = dict(granted.select(c("loan_id").cast(pl.String), "status").iter_rows())
    bad = np.array([float(status[str(loan)] in BAD) for loan in tables.loan_ids])
    return Grants(tables, np.asarray(tables["loans"]["disbursed_on"], np.int32), bad)


def loans(granted: pl.DataFrame) -> pl.DataFrame:
    """One row a loan; instalments times their number are the amount lent, so no rate is known."""
    return granted.select(
        loan_id=c("loan_id").cast(pl.String),
        borrower_id=c("account_id").cast(pl.String),
        product=pl.lit("loan"),
        borrower_type=pl.lit("person"),
        currency=pl.lit(SETTINGS.currency),
        principal=c("amount").cast(pl.Decimal(18, 2)),
        annual_rate=pl.lit(0.0),
        disbursed_on="on",
        n_instalments="duration",
        repayment_type=pl.lit("annuity"),
    )


def instalments(granted: pl.DataFrame) -> pl.DataFrame:
    """The agreed dues: a month apart, the first a month after the grant."""
    return (
        granted.with_columns(instalment_no=pl.int_ranges(1, c("duration") + 1))
        .explode("instalment_no")
        .select(
            loan_id=c("loan_id").cast(pl.String),
            instalment_no="instalment_no",
            schedule_version=pl.lit(1),
            valid_from="on",
            due_on=c("on").dt.offset_by(c("instalment_no").cast(pl.String) + "mo"),
            principal_due=c("payments").cast(pl.Decimal(18, 2)),
            interest_due=pl.lit(0),
            fee_due=pl.lit(0),
        )
    )


def cashflow(moved: pl.DataFrame) -> pl.DataFrame:
    """The account's movements; money earned comes from another bank (as wages) or is paid in as cash."""
    paid_in = c("type") == "credit"
    other_side = c("account").is_not_null() & (c("account") != "0")
    return moved.select(
        txn_id=c("trans_id").cast(pl.String),
        borrower_id=c("account_id").cast(pl.String),
        account_id=c("account_id").cast(pl.String),
        booked_on="date",
        amount=pl.when(paid_in).then(c("amount")).otherwise(-c("amount")).round(2).cast(pl.Decimal(18, 2)),
        balance_after=c("balance").round(2).cast(pl.Decimal(18, 2)),
        category=pl.when(c("operation") == "collection from another bank")
        .then(pl.lit("salary"))
        .when(c("operation") == "credit in cash")
        .then(pl.lit("business_income"))
        .when(c("k_symbol").is_in(ESSENTIAL))
        .then(pl.lit("essential"))
        .when(c("k_symbol").is_not_null() | (c("operation") == "remittance to another bank"))
        .then(pl.lit("other"))
        .when(~paid_in)
        .then(pl.lit("cash"))
        .otherwise(pl.lit("other")),
        counterparty_id=pl.when(other_side).then(c("bank").fill_null("") + "-" + c("account")),
        held_here=pl.lit("true"),
    )
