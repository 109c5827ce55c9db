"""A small book by hand, and ways to write it down."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from book.contract import TABLES, Kind
from book.pseudonym import Pseudonyms
from book.settings import Settings

Rows = dict[str, list[dict[str, Any]]]


def _loan(loan: str, borrower: str) -> dict[str, Any]:
    return {
        "loan_id": loan,
        "borrower_id": borrower,
        "product": "consumer",
        "borrower_type": "person",
        "currency": "CNY",
        "principal": "3000.00",
        "annual_rate": 0.12,
        "disbursed_on": "2024-01-10",
        "maturity_on": "2024-04-10",
        "n_instalments": 3,
        "repayment_type": "equal_principal",
        "posted_at": "2024-01-10T12:00:00+08:00",
    }


def _instalment(loan: str, number: int) -> dict[str, Any]:
    return {
        "loan_id": loan,
        "instalment_no": number,
        "schedule_version": 1,
        "valid_from": "2024-01-10",
        "due_on": f"2024-{number + 1:02d}-10",
        "principal_due": "1000.00",
        "interest_due": "10.05",
        "fee_due": "0.00",
        "posted_at": "2024-01-10T12:00:00+08:00",
    }


def _payment(payment: str, loan: str, on: str) -> dict[str, Any]:
    return {
        "payment_id": payment,
        "loan_id": loan,
        "paid_on": on,
        "amount": "1010.05",
        "purpose": "scheduled",
        "payer": "borrower",
        "method": "autopay",
        "status": "posted",
        "posted_at": f"{on}T20:00:00+08:00",
    }


def _movement(number: int, borrower: str, on: str, amount: str) -> dict[str, Any]:
    return {
        "txn_id": f"T{number}",
        "borrower_id": borrower,
        "account_id": f"A-{borrower}",
        "booked_on": on,
        "amount": amount,
        "category": "salary",
        "counterparty_id": "employer 7",
        "posted_at": f"{on}T23:30:00+08:00",
        "source": "core",
    }


def small_rows() -> Rows:
    """Two borrowers, three loans, one payment reversed, nothing wrong."""
    reversal = _payment("P4", "L1", "2024-02-12") | {"status": "reversal", "reverses_id": "P1"}
    return {
        "loans": [_loan("L2", "B1"), _loan("L1", "B1"), _loan("L3", "B2")],
        "instalments": [_instalment(loan, k) for loan in ("L1", "L2", "L3") for k in (1, 2, 3)],
        "payments": [
            _payment("P1", "L1", "2024-02-10"),
            _payment("P2", "L2", "2024-02-10"),
            _payment("P3", "L3", "2024-02-15"),
            reversal,
        ],
        "loan_events": [
            {"event_id": "E1", "loan_id": "L3", "event_type": "closed", "event_on": "2024-03-01", "distressed": False}
        ],
        "cashflow": [_movement(1, "B1", "2024-02-01", "8000.00"), _movement(2, "B2", "2024-02-02", "-12.34")],
        "contacts": [
            {
                "contact_id": "C1",
                "loan_id": "L1",
                "contact_point_id": "point 1",
                "at": "2024-02-20T10:00:00+08:00",
                "channel": "call",
                "direction": "out",
                "outcome": "ptp",
                "ptp_amount": 1010.05,
                "ptp_on": "2024-02-25",
                "agent_type": "desk",
            }
        ],
    }


@pytest.fixture
def rows() -> Rows:
    """The rows of the small book, free to change."""
    return copy.deepcopy(small_rows())


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    """Pseudonyms with a key for tests."""
    return Pseudonyms(b"a key for tests only")


@pytest.fixture
def settings() -> Settings:
    """The settings of the small book."""
    return Settings()


def _typed(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case Kind.MONEY:
            return Decimal(str(value))
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.STAMP:
            return datetime.fromisoformat(value)
        case _:
            return value


_DTYPES: dict[Kind, Any] = {
    Kind.MONEY: pl.Decimal(18, 2),
    Kind.DATE: pl.Date,
    Kind.STAMP: pl.Datetime("us", "UTC"),
    Kind.COUNT: pl.Int32,
    Kind.FLAG: pl.Boolean,
    Kind.NUMBER: pl.Float64,
}


def frame_of(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """One table with the types of the contract's files."""
    columns = [column for column in TABLES[name].columns if not rows or any(column.name in row for row in rows)]
    return pl.DataFrame(
        {column.name: [_typed(column.kind, row.get(column.name)) for row in rows] for column in columns},
        schema={column.name: _DTYPES.get(column.kind, pl.String) for column in columns},
    )


@pytest.fixture
def write_parquet(tmp_path: Path) -> Callable[[Rows], Path]:
    """Writes rows as a folder of one Parquet file a table."""

    def write(rows: Rows, name: str = "book") -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        for table, each in rows.items():
            frame_of(table, each).write_parquet(folder / f"{table}.parquet")
        return folder

    return write


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[Rows], Path]:
    """Writes rows as a folder of one CSV file a table, each value as it is written in `rows`."""

    def write(rows: Rows) -> Path:
        folder = tmp_path / "csv"
        folder.mkdir()
        for table, each in rows.items():
            names = list(dict.fromkeys(name for row in each for name in row))
            data = {name: [None if row.get(name) is None else str(row[name]) for row in each] for name in names}
            pl.DataFrame(data, schema=dict.fromkeys(names, pl.String)).write_csv(folder / f"{table}.csv")
        return folder

    return write
