"""Checking a whole book: parts together, bad rows to a file, nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from typer.testing import CliRunner

from book.check.book import check_book
from book.load import open_book
from book.pseudonym import Pseudonyms
from loanwatch.main import app

Rows = dict[str, list[dict[str, Any]]]


def _two_parts(rows: Rows, write_parquet: Callable[..., Path]) -> Path:
    for k, borrower in enumerate(("B1", "B2")):
        loans = {row["loan_id"] for row in rows["loans"] if row["borrower_id"] == borrower}
        part = {
            name: [
                row
                for row in table
                if (row["borrower_id"] == borrower if "borrower_id" in row else row["loan_id"] in loans)
            ]
            for name, table in rows.items()
        }
        folder = write_parquet(part, f"parted/part-{k:05d}")
    return folder.parent


def test_a_sound_book_in_parts_is_accepted(
    rows: Rows, write_parquet: Callable[..., Path], pseudonyms: Pseudonyms
) -> None:
    steps: list[tuple[int, int]] = []
    book = open_book(_two_parts(rows, write_parquet))
    report = check_book(book, progress=lambda done, total: steps.append((done, total)), pseudonyms=pseudonyms)
    assert report.ok
    assert steps == [(1, 2), (2, 2)]
    assert report.rows["loans"] == 3
    assert report.rows["payments"] == 4


def test_a_loan_in_two_parts_refuses_the_book(
    rows: Rows, write_parquet: Callable[..., Path], pseudonyms: Pseudonyms
) -> None:
    rows["loans"].append(rows["loans"][1] | {"borrower_id": "B2"})
    report = check_book(open_book(_two_parts(rows, write_parquet)), pseudonyms=pseudonyms)
    assert report.refused
    assert [str(fault) for fault in report.faults if fault.code == "split_loan"] == [
        "part-00001/loans: the loan is in more than one part; got: 1 also in part-00000; allowed: one part each"
    ]


def test_bad_rows_are_written_with_their_reasons(
    rows: Rows, write_parquet: Callable[..., Path], pseudonyms: Pseudonyms, tmp_path: Path
) -> None:
    rows["payments"][2] |= {"amount": "0.00", "paid_on": "2023-01-01"}
    out = tmp_path / "out"
    report = check_book(open_book(write_parquet(rows)), out, pseudonyms=pseudonyms)
    assert report.quarantined["payments"] == 1
    aside = pl.read_parquet(out / "quarantine" / "payments.parquet")
    assert aside.select("row", "reasons", "payment_id", "amount").rows() == [
        (3, "out_of_bounds payment_before_disbursement", "P3", "0.00")
    ]
    faults = pl.read_csv(out / "faults.csv")
    assert set(faults["code"]) == {"out_of_bounds", "payment_before_disbursement", "too_many_quarantined"}
    assert not [path for path in out.rglob("*") if path.name.startswith(".")]
    rows["payments"][2] |= {"amount": "1.00", "paid_on": "2024-02-15"}
    check_book(open_book(write_parquet(rows, "sound")), out, pseudonyms=pseudonyms)
    assert not list((out / "quarantine").iterdir())


def test_an_old_feed_is_noted(rows: Rows, write_parquet: Callable[..., Path], pseudonyms: Pseudonyms) -> None:
    folder = write_parquet(rows)
    (folder / "book.toml").write_text('received_at = "2024-06-01T00:00:00+08:00"\n')
    report = check_book(open_book(folder), pseudonyms=pseudonyms)
    assert report.ok
    assert [str(note) for note in report.warnings] == [
        (
            "cashflow: the table's newest row is old; got: newest row of 2024-02-02, book to 2024-05-31; "
            "allowed: at most 45 days"
        )
    ]


def test_the_command_ends_with_2_where_the_book_is_refused(rows: Rows, write_parquet: Callable[..., Path]) -> None:
    sound = CliRunner().invoke(app, ["check", str(write_parquet(rows)), "--demo"])
    assert sound.exit_code == 0
    assert "The book is accepted." in sound.output
    rows["loans"][0]["currency"] = "USD"
    refused = CliRunner().invoke(app, ["check", str(write_parquet(rows, "mixed")), "--demo"])
    assert refused.exit_code != 0
