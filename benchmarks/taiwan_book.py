"""Credit cards of a bank in Taiwan (UCI 350) as tables of the contract, in memory: six months as of 2005-09-30."""

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

SETTINGS = Settings(
    timezone="Asia/Taipei", currency="TWD", precision="month", tolerance=0, default_dpd=None, source="UCI 350"
)
KEY = Pseudonyms(b"a public data set, ids without meaning")
FILE = "uci_credit_card.parquet"
OUTCOME = "default.payment.next.month"
STATUS = ("PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0")  # April to September: months of delay, below 1 none
MONTHS = np.arange("2005-04", "2005-10", dtype="datetime64[M]")
FIRST = MONTHS[0].astype("datetime64[D]")
AS_OF = (MONTHS[-1] + 1).astype("datetime64[D]") - 1
DUE_DAY = 4  # days after the first of a month: k months of delay are then in bucket Mk
LEAST = 20  # the least payment is one in so many of the statement
Ints = NDArray[np.int64]
c = pl.col


@dataclass(frozen=True)
class Cards:
    """Cards on the last day of September: `tables`, and whether the next payment was missed, y (n,)."""

    tables: Tables
    y: NDArray[np.float64]


def read_taiwan(folder: Path, most: int | None = None) -> Cards:
    """The clients in `folder`, the first `most` where given."""
    clients = pl.read_parquet(folder / FILE).sort("ID").head(most or 10**9)
    clients = clients.with_columns(loan_id=c("ID").cast(pl.String))
    owed, met = ladder(clients.select(STATUS).to_numpy().astype(np.int64))
    frames = {
        "loans": loans(clients, owed),
        "instalments": instalments(clients),
        "payments": pl.concat([steps(clients, met), money(clients)]),
        "balances": balances(clients),
    }
    tables = load_frames(frames, SETTINGS, KEY, "taiwan").tables
    missed = dict(clients.select("loan_id", OUTCOME).iter_rows())
    return Cards(tables, np.array([float(missed[loan]) for loan in tables.loan_ids]))


def ladder(delay: Ints) -> tuple[Ints, Ints]:
    """Status (n, 6), oldest first, as a ladder of one unit due a month: units owed before, units met a month (n, 6).

    A delay of k months means that the k latest units are not met. Where a delay grows by more than a month, the
    months before it were not met either: money never goes back.
    """
    late = np.maximum(delay, 0)
    owed = np.maximum(late[:, 0] - 1, 0)
    total = owed[:, None] + np.arange(1, delay.shape[1] + 1)
    reached = np.maximum(total - late, 0)
    reached = np.minimum.accumulate(reached[:, ::-1], axis=1)[:, ::-1]
    return owed, np.diff(reached, axis=1, prepend=0)


def loans(clients: pl.DataFrame, owed: Ints) -> pl.DataFrame:
    """One revolving loan a client, seen from April 2005; when it was opened and its rate are not known."""
    return clients.select(
        "loan_id",
        borrower_id="loan_id",
        product=pl.lit("credit card"),
        borrower_type=pl.lit("person"),
        currency=pl.lit(SETTINGS.currency),
        principal=c("LIMIT_BAL").cast(pl.Decimal(18, 2)),
        annual_rate=pl.lit(0.0),
        disbursed_on=pl.lit(FIRST - 1).cast(pl.Date),
        observed_from=pl.lit(FIRST).cast(pl.Date),
        opening_balance=pl.max_horizontal(c("BILL_AMT6"), 0).cast(pl.Decimal(18, 2)),
        opening_arrears=pl.Series(owed).cast(pl.Decimal(18, 2)),
        repayment_type=pl.lit("revolving"),
    )


def instalments(clients: pl.DataFrame) -> pl.DataFrame:
    """A unit due every month: the arrears are told in months, not in money."""
    return _monthly(clients.select("loan_id"), DUE_DAY).select(
        "loan_id",
        instalment_no=c("k") + 1,
        schedule_version=pl.lit(1),
        valid_from=pl.lit(FIRST).cast(pl.Date),
        due_on="on",
        principal_due=pl.lit(1),
        interest_due=pl.lit(0),
        fee_due=pl.lit(0),
    )


def steps(clients: pl.DataFrame, met: Ints) -> pl.DataFrame:
    """The units met, as scheduled payments."""
    rows = _monthly(clients.select("loan_id"), DUE_DAY).with_columns(amount=pl.Series(met.reshape(-1)))
    return _paid(rows, "unit", "scheduled")


def money(clients: pl.DataFrame) -> pl.DataFrame:
    """What was really paid in each month, beside the ladder of units: it pays the account back."""
    amounts = clients.select([f"PAY_AMT{6 - k}" for k in range(len(MONTHS))]).to_numpy()
    rows = _monthly(clients.select("loan_id"), _last_day()).with_columns(amount=pl.Series(amounts.reshape(-1)))
    return _paid(rows, "money", "partial_prepay")


def balances(clients: pl.DataFrame) -> pl.DataFrame:
    """The statement of each month as the balance of its last day; a least payment is assumed, none is given."""
    bills = clients.select([f"BILL_AMT{6 - k}" for k in range(len(MONTHS))]).to_numpy().clip(min=0)
    rows = _monthly(clients.select("loan_id", "LIMIT_BAL"), _last_day()).with_columns(bill=pl.Series(bills.reshape(-1)))
    whole = c("bill").cast(pl.Decimal(18, 2))
    return rows.select(
        "loan_id",
        as_on="on",
        principal=whole,
        limit=c("LIMIT_BAL").cast(pl.Decimal(18, 2)),
        min_due=(c("bill") / LEAST).round(2).cast(pl.Decimal(18, 2)),
        statement_balance=whole,
    )


def _last_day() -> Ints:
    return ((MONTHS + 1).astype("datetime64[D]") - MONTHS.astype("datetime64[D]")).astype(np.int64) - 1


def _monthly(clients: pl.DataFrame, day: int | Ints) -> pl.DataFrame:
    """Every client in every month, oldest first: `k`, and `on`, so many days after the first."""
    on = MONTHS.astype("datetime64[D]") + day
    months = pl.DataFrame({"k": np.arange(len(MONTHS)), "on": on.astype("datetime64[ms]")})
    return clients.join(months.with_columns(c("on").cast(pl.Date)), how="cross", maintain_order="left_right")


def _paid(rows: pl.DataFrame, what: str, purpose: str) -> pl.DataFrame:
    return rows.filter(c("amount") > 0).select(
        "loan_id",
        payment_id=c("loan_id") + f"-{what}-" + c("k").cast(pl.String),
        paid_on="on",
        date_precision=pl.lit("month"),
        amount=c("amount").cast(pl.Decimal(18, 2)),
        purpose=pl.lit(purpose),
        payer=pl.lit("borrower"),
    )
