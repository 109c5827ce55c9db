"""Auto loans of SEC Form ABS-EE: hand-worked rows, named faults, the real file where present."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from book.errors import Refusal
from book.load import load, open_book
from book.sources.abs_ee import import_abs_ee

LOAN: dict[str, Any] = {
    "assetNumber": "101",
    "originationDate": "01/2017",
    "originalFirstPaymentDate": "03/2017",
    "loanMaturityDate": "09/2017",
    "reportingPeriodBeginningDate": "05-01-2017",
    "originalLoanAmount": 1_500.0,
    "originalLoanTerm": 7,
    "originalInterestRatePercentage": 0.12,
    "reportingPeriodBeginningLoanBalanceAmount": 1_000.0,
    "reportingPeriodScheduledPaymentAmount": 300.0,
    "vehicleNewUsedCode": 2,
    "obligorGeographicLocation": "FL",
}
# asset, month, balance, principal paid, payment, recovery
MONTHS: list[tuple[str, int, float, float, float, float | None]] = [
    ("101", 5, 710.0, 290.0, 300.0, None),  # pays as due
    ("101", 6, 417.1, 292.9, 300.0, None),
    ("101", 7, 0.0, 417.1, 421.0, None),  # pays off two months early
    ("101", 8, 0.0, 0.0, 0.0, None),  # reported once more
    ("102", 5, 710.0, 290.0, 300.0, None),
    ("102", 6, 710.0, 0.0, 0.0, None),  # misses
    ("102", 7, 0.0, 0.0, 20.0, 150.0),  # charged off, something recovered
    ("102", 8, 0.0, 0.0, 35.0, None),  # and paid after it
    ("103", 5, 710.0, 290.0, 300.0, None),
    ("103", 6, 417.1, 292.9, 300.0, None),
    ("103", 7, 121.27, 295.83, 300.0, None),
    ("103", 8, 0.0, 121.27, 122.48, None),  # runs to its last due
]


def _write(folder: Path, loans: list[dict[str, Any]], months: list[tuple[Any, ...]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(loans).write_parquet(folder / "loans.parquet")
    pl.DataFrame(
        [(asset, date(2017, month, 1), *rest) for asset, month, *rest in months],
        schema={
            "assetNumber": pl.String,
            "month": pl.Date,
            "balance": pl.Float64,
            "principal_paid": pl.Float64,
            "payment": pl.Float64,
            "recovery": pl.Float64,
        },
        orient="row",
    ).write_parquet(folder / "monthly_panel.parquet")
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return _write(tmp_path / "source", [LOAN | {"assetNumber": a} for a in ("101", "102", "103")], MONTHS)


def _rows(book: Path, table: str, *columns: str) -> list[tuple[Any, ...]]:
    frame = pl.read_parquet(book / "part-00000" / f"{table}.parquet").select(columns)
    return [tuple(float(v) if isinstance(v, Decimal) else v for v in row) for row in frame.iter_rows()]


@pytest.fixture
def book(source: Path, tmp_path: Path) -> Path:
    import_abs_ee(source, tmp_path / "book")
    return tmp_path / "book"


def test_a_loan_is_seen_from_its_first_report_on(book: Path) -> None:
    names = ("loan_id", "principal", "disbursed_on", "maturity_on", "observed_from", "opening_balance", "product")
    assert _rows(book, "loans", *names)[0] == (
        *("101", 1_500.0, date(2017, 1, 31), date(2017, 9, 30), date(2017, 5, 1), 1_000.0, "auto_used"),
    )


def test_dues_are_the_level_payment_at_the_stated_rate(book: Path) -> None:
    # 1,000.00 at 1 % a month: 10.00 interest, 290.00 principal; 7.10 and 292.90; 4.17 and 295.83; 1.21 and 121.27
    names = ("instalment_no", "due_on", "principal_due", "interest_due")
    assert _rows(book, "instalments", *names)[:4] == [
        (3, date(2017, 5, 31), 290.0, 10.0),
        (4, date(2017, 6, 30), 292.9, 7.1),
        (5, date(2017, 7, 31), 295.83, 4.17),
        (6, date(2017, 8, 31), 121.27, 1.21),
    ]
    frame = pl.read_parquet(book / "part-00000" / "instalments.parquet")
    assert frame["source"].str.starts_with("derived: reportingPeriodScheduledPaymentAmount").all()
    assert frame["valid_from"].unique().to_list() == [date(2017, 5, 1)]


def test_payments_are_split_only_where_the_loan_was_paid_off(book: Path) -> None:
    assert _rows(book, "payments", "loan_id", "paid_on", "amount", "purpose", "principal") == [
        ("101", date(2017, 5, 31), 300.0, "scheduled", 290.0),
        ("101", date(2017, 6, 30), 300.0, "scheduled", 292.9),
        ("101", date(2017, 7, 31), 300.0, "scheduled", None),
        ("101", date(2017, 7, 31), 121.0, "full_prepay", None),
        ("102", date(2017, 5, 31), 300.0, "scheduled", 290.0),
        ("102", date(2017, 7, 31), 20.0, "scheduled", 0.0),
        ("102", date(2017, 7, 31), 150.0, "recovery", None),
        ("102", date(2017, 8, 31), 35.0, "recovery", None),
        ("103", date(2017, 5, 31), 300.0, "scheduled", 290.0),
        ("103", date(2017, 6, 30), 300.0, "scheduled", 292.9),
        ("103", date(2017, 7, 31), 300.0, "scheduled", 295.83),
        ("103", date(2017, 8, 31), 122.48, "scheduled", 121.27),
    ]


def test_a_balance_gone_unpaid_is_a_write_off(book: Path) -> None:
    assert _rows(book, "loan_events", "loan_id", "event_type", "event_on") == [
        ("101", "prepaid", date(2017, 7, 31)),
        ("102", "write_off", date(2017, 7, 31)),
        ("103", "closed", date(2017, 8, 31)),
    ]


def test_balances_end_with_the_loan(book: Path) -> None:
    assert _rows(book, "balances", "loan_id", "as_on", "principal")[:3] == [
        ("101", date(2017, 5, 31), 710.0),
        ("101", date(2017, 6, 30), 417.1),
        ("101", date(2017, 7, 31), 0.0),
    ]
    assert len(_rows(book, "balances", "loan_id")) == 10


def test_what_the_source_lacks_stays_missing(book: Path) -> None:
    loans = pl.read_parquet(book / "part-00000" / "loans.parquet")
    payments = pl.read_parquet(book / "part-00000" / "payments.parquet")
    assert not {"origination_pd", "opening_arrears", "channel", "posted_at"} & set(loans.columns)
    assert not {"interest", "payer", "method", "posted_at"} & set(payments.columns)


def test_the_book_loads_with_its_own_settings(book: Path) -> None:
    opened = open_book(book)
    settings = opened.settings
    assert (settings.currency, settings.timezone, settings.precision) == ("USD", "America/New_York", "month")
    assert settings.default_dpd is None
    assert settings.default_events == ("write_off",)
    assert not load(opened.parts[0], settings).report.faults


def test_all_faults_are_named_with_file_row_column_and_what_is_allowed(tmp_path: Path) -> None:
    loans = [LOAN, LOAN | {"assetNumber": "102", "originationDate": "2017-01", "originalLoanAmount": 0.0}]
    months = [*MONTHS[:2], MONTHS[0], ("999", 5, 1.0, 0.0, 0.0, None), ("102", 4, 1.0, 0.0, -5.0, None)]
    with pytest.raises(Refusal) as refusal:
        import_abs_ee(_write(tmp_path / "source", loans, months), tmp_path / "book")
    assert str(refusal.value).splitlines() == [
        "loans.parquet row 2, originationDate: the value cannot be used; got: '2017-01'; allowed: a month as MM/YYYY",
        "loans.parquet row 2, originalLoanAmount: the value cannot be used; got: 0.0; allowed: an amount above 0",
        "monthly_panel.parquet row 5, payment: the value cannot be used; got: -5.0; allowed: an amount from 0",
        "monthly_panel.parquet row 3, month: the key is there twice; got: 101, 2017-05-01; allowed: once",
        "monthly_panel.parquet row 4, assetNumber: the loan is not known; got: 999; allowed: a loan of loans.parquet",
        (
            "monthly_panel.parquet row 5, month: the row is before the loan's first report; got: 2017-04-01; "
            "allowed: from 2017-05-01"
        ),
    ]
    assert not (tmp_path / "book").exists()


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    wrong = {("originalLoanAmt" if name == "originalLoanAmount" else name): value for name, value in LOAN.items()}
    with pytest.raises(Refusal, match="originalLoanAmount: the column is missing; nearest: originalLoanAmt"):
        import_abs_ee(_write(tmp_path / "source", [wrong], MONTHS[:4]), tmp_path / "book")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        import_abs_ee(tmp_path, tmp_path / "book")
    assert str(refusal.value).count("the file is not there") == 2


def test_a_folder_with_files_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="not empty"):
        import_abs_ee(source, source)


def test_the_real_auto_loans_become_a_sound_book(real_data: Path, tmp_path: Path) -> None:
    rows = import_abs_ee(real_data / "auto_abs_2017", tmp_path / "book")
    assert rows["loans"] == 3_513
    ends = pl.read_parquet(tmp_path / "book" / "part-00000" / "loan_events.parquet")["event_type"]
    assert dict(ends.value_counts().iter_rows())["write_off"] == 110
    book = open_book(tmp_path / "book")
    report = load(book.parts[0], book.settings).report
    assert {name: n for name, n in report.quarantined.items() if n} == {
        "balances": 1
    }  # one balance below zero in the source
