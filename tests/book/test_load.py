"""Loading: exact money, whatever the file; the same tables from Parquet, CSV, parts and requests."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import book.load
from book.check.findings import Findings
from book.check.sums import mismatches
from book.contract import TABLES
from book.encoding.words import MAX_MONEY, Unreadable, read_word
from book.errors import Refusal, Refused
from book.load import load, open_book
from book.load.series import Cells, read_series
from book.pseudonym import Pseudonyms
from book.request import tables_from_rows
from book.settings import Settings
from book.tables import MISSING_DAY, MISSING_MONEY, NEVER, Tables

Rows = dict[str, list[dict[str, Any]]]
AMOUNT = TABLES["cashflow"].column("amount")


def same(left: Tables, right: Tables) -> None:
    assert left.loan_ids.tolist() == right.loan_ids.tolist()
    assert left.borrower_ids.tolist() == right.borrower_ids.tolist()
    assert left.frames.keys() == right.frames.keys()
    for name, frame in left.frames.items():
        assert frame.columns.keys() == right[name].columns.keys()
        for column, values in frame.columns.items():
            other = right[name][column]
            assert values.dtype == other.dtype, (name, column)
            if values.dtype == object:
                assert values.tolist() == other.tolist(), (name, column)
            else:
                assert values.tobytes() == other.tobytes(), (name, column)
    for name, values in left.extra.items():
        assert values.tolist() == right.extra[name].tolist()


@pytest.fixture
def asked(rows: Rows, settings: Settings, pseudonyms: Pseudonyms) -> Tables:
    return tables_from_rows(rows, settings, pseudonyms)


def test_parquet_and_a_request_give_the_same_bits(
    rows: Rows, asked: Tables, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    book = open_book(write_parquet(rows))
    same(load(book.parts[0], book.settings, pseudonyms).tables, asked)


def test_csv_and_a_request_give_the_same_bits(
    rows: Rows, asked: Tables, write_csv: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    book = open_book(write_csv(rows))
    same(load(book.parts[0], book.settings, pseudonyms).tables, asked)


def test_a_folder_of_files_per_table_is_one_table(
    rows: Rows, asked: Tables, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    folder = write_parquet(rows)
    whole = pl.read_parquet(folder / "instalments.parquet")
    (folder / "instalments.parquet").unlink()
    (folder / "instalments").mkdir()
    whole[:4].write_parquet(folder / "instalments" / "a.parquet")
    whole[4:].write_parquet(folder / "instalments" / "b.parquet")
    book = open_book(folder)
    same(load(book.parts[0], book.settings, pseudonyms).tables, asked)


def test_a_large_book_in_one_piece_is_read_in_groups_of_borrowers(
    rows: Rows,
    asked: Tables,
    write_parquet: Callable[[Rows], Path],
    pseudonyms: Pseudonyms,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(book.load, "MOST_ROWS", 7)
    opened = open_book(write_parquet(rows))
    assert len(opened.parts) == 3
    loans: list[str] = []
    n_rows = dict.fromkeys(asked.frames, 0)
    for part in opened.parts:
        tables = load(part, opened.settings, pseudonyms).tables
        loans += tables.loan_ids.tolist()
        for name, frame in tables.frames.items():
            n_rows[name] += len(frame)
    assert sorted(loans) == sorted(asked.loan_ids.tolist())
    assert n_rows == {name: len(frame) for name, frame in asked.frames.items()}


def test_loans_stand_by_borrower_then_loan_id_and_rows_by_owner_then_day(asked: Tables) -> None:
    order = list(zip(asked.borrower_ids[asked.borrower_of].tolist(), asked.loan_ids.tolist(), strict=True))
    assert order == sorted(order)
    due = asked["instalments"]
    assert due["loan_id"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert asked["loans"]["loan_id"].tolist() == [0, 1, 2]


def test_a_reversal_is_not_money_but_cancels_its_original(asked: Tables) -> None:
    payments = asked["payments"]
    assert len(payments) == 3
    cancelled = payments["cancelled_at"] != NEVER
    loan = asked.loan_ids.tolist().index("L1")
    assert payments["loan_id"][cancelled].tolist() == [loan]
    assert payments["cancelled_on"][cancelled].tolist() == [np.datetime64("2024-02-12").astype(int)]
    assert (payments["cancelled_on"][~cancelled] == MISSING_DAY).all()


def test_of_two_reversals_the_one_known_first_counts(rows: Rows, settings: Settings, pseudonyms: Pseudonyms) -> None:
    later = rows["payments"][3] | {"payment_id": "P5", "posted_at": "2024-03-01T08:00:00Z", "paid_on": "2024-02-11"}
    once = tables_from_rows(rows, settings, pseudonyms)["payments"]
    rows["payments"].append(later)
    twice = tables_from_rows(rows, settings, pseudonyms)["payments"]
    assert twice["cancelled_at"].tolist() == once["cancelled_at"].tolist()
    assert twice["cancelled_on"].tolist() == once["cancelled_on"].tolist()


def test_optional_columns_are_there_and_missing(asked: Tables) -> None:
    assert (asked["cashflow"]["balance_after"] == MISSING_MONEY).all()
    assert asked["loan_events"]["detail"].tolist() == [None]
    assert asked["loan_events"]["distressed"].tolist() == [0]
    assert asked["loans"]["refinances_loan_id"].tolist() == [-1, -1, -1]
    assert np.isnan(asked["loans"]["origination_pd"]).all()


@given(st.integers(-MAX_MONEY * 100, MAX_MONEY * 100))
def test_money_is_exact_however_it_is_written(cents: int) -> None:
    written = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    series = (
        pl.Series([Decimal(written)], dtype=pl.Decimal(18, 2)),
        pl.Series([Decimal(written)], dtype=pl.Decimal(38, 6)),
        pl.Series([cents / 100]),
        pl.Series([written]),
    )
    for each in series:
        findings = Findings()
        values = read_series(Cells("cashflow", AMOUNT, each, np.arange(1), findings))
        assert isinstance(values, np.ndarray)
        assert values.tolist() == [cents]
        assert not findings.faults


@given(st.integers(-(10**12), 10**12).filter(lambda thousandths: thousandths % 10))
def test_a_third_decimal_is_a_fault_and_never_rounded(thousandths: int) -> None:
    exact = Decimal(thousandths) / 1000
    for each in (pl.Series([exact], dtype=pl.Decimal(18, 3)), pl.Series([float(exact)]), pl.Series([f"{exact:f}"])):
        findings = Findings()
        read_series(Cells("cashflow", AMOUNT, each, np.arange(1), findings))
        assert [fault.code for fault in findings.faults] == ["too_many_decimals"]
    with pytest.raises(Unreadable):
        read_word(AMOUNT, f"{exact:f}")


def test_money_in_whole_numbers_keeps_its_gaps() -> None:
    findings = Findings()
    column = TABLES["cashflow"].column("balance_after")
    values = read_series(Cells("cashflow", column, pl.Series([7, None, -3]), np.arange(3), findings))
    assert isinstance(values, np.ndarray)
    assert values.tolist() == [700, MISSING_MONEY, -300]


def test_moments_without_zone_refuse_a_parquet_column() -> None:
    findings = Findings()
    naive = pl.Series(["2024-01-01 10:00:00"]).str.to_datetime()
    column = TABLES["payments"].column("posted_at")
    read_series(Cells("payments", column, naive, np.arange(1), findings))
    assert [fault.code for fault in findings.faults] == ["wrong_type"]


def test_more_than_one_row_in_a_hundred_refuses_the_batch(
    rows: Rows, write_parquet: Callable[..., Path], pseudonyms: Pseudonyms
) -> None:
    first = rows["cashflow"][0]
    rows["cashflow"] = [first | {"txn_id": f"T{k}"} for k in range(200)]
    for k in (0, 1):
        rows["cashflow"][k] = rows["cashflow"][k] | {"posted_at": "2024-01-01T00:00:00Z"}
    accepted = open_book(write_parquet(rows, "accepted"))
    loaded = load(accepted.parts[0], accepted.settings, pseudonyms)
    assert loaded.report.quarantined["cashflow"] == 2
    assert len(loaded.tables["cashflow"]) == 198
    rows["cashflow"][2] = rows["cashflow"][2] | {"posted_at": "2024-01-01T00:00:00Z"}
    refused = open_book(write_parquet(rows, "refused"))
    with pytest.raises(Refused, match=r"cashflow: more than 1 % of the rows are quarantined; got: 3 of 200 rows"):
        load(refused.parts[0], refused.settings, pseudonyms)


def test_a_quarantined_row_marks_its_loan_and_says_since_when(
    rows: Rows, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    first = rows["payments"][0]
    rows["payments"] = [first | {"payment_id": f"P{k}"} for k in range(100)]
    rows["payments"][9] |= {"amount": "0.00"}
    opened = open_book(write_parquet(rows))
    tables = load(opened.parts[0], opened.settings, pseudonyms).tables
    loan = tables.loan_ids.tolist().index("L1")
    day = int(np.datetime64("2024-02-10").astype(int))
    assert tables.data_fault_on[loan] == day
    assert tables.extra["fault_loan"].tolist() == [loan]
    assert tables.extra["fault_on"].tolist() == [day]
    assert len(tables["payments"]) == 99


def test_repeated_rows_are_dropped_and_counted(
    rows: Rows, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    rows["instalments"] += [rows["instalments"][4]] * 2
    opened = open_book(write_parquet(rows))
    loaded = load(opened.parts[0], opened.settings, pseudonyms)
    assert loaded.report.dropped["instalments"] == 2
    assert len(loaded.tables["instalments"]) == 9


def test_rows_of_a_borrower_without_a_loan_are_left_out_with_a_warning(
    rows: Rows, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    rows["cashflow"].append(rows["cashflow"][0] | {"txn_id": "T9", "borrower_id": "B9"})
    opened = open_book(write_parquet(rows))
    loaded = load(opened.parts[0], opened.settings, pseudonyms)
    assert len(loaded.tables["cashflow"]) == 2
    assert [str(note) for note in loaded.report.warnings] == [
        (
            "cashflow row 3, borrower_id: the borrower has no loan in the book and the row was left out; "
            "got: (an id, not shown)"
        )
    ]


def test_a_schedule_that_does_not_sum_is_a_mismatch_from_when_it_is_known(
    rows: Rows, settings: Settings, pseudonyms: Pseudonyms
) -> None:
    third = rows["instalments"][2]
    third |= {"posted_at": "2024-03-01T12:00:00+08:00"}
    tables = tables_from_rows(rows, settings, pseudonyms)
    loan = tables.loan_ids.tolist().index("L1")
    assert not tables.mismatch[loan]
    assert tables.extra["mismatch_loan"].tolist() == [loan, loan]
    assert tables.extra["mismatch_state"].tolist() == [True, False]
    known = tables["instalments"].take(tables["instalments"]["posted_at"] < tables.extra["mismatch_from"][1])
    earlier = mismatches(tables["loans"], known, settings)
    assert earlier["mismatch_from"].tolist() == tables.extra["mismatch_from"].tolist()[:1]


def test_the_hash_of_a_book_changes_with_a_byte(rows: Rows, write_csv: Callable[[Rows], Path]) -> None:
    folder = write_csv(rows)
    before = open_book(folder).hash()
    assert before == open_book(folder).hash()
    path = folder / "payments.csv"
    path.write_text(path.read_text().replace("1010.05", "1010.06"))
    assert open_book(folder).hash() != before


def test_a_file_that_is_no_table_is_named(
    rows: Rows, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    folder = write_parquet(rows)
    (folder / "paymens.csv").write_text("a\n1\n")
    (folder / "cashflow.parquet").write_bytes(b"no parquet")
    opened = open_book(folder)
    with pytest.raises(Refused) as refusal:
        load(opened.parts[0], opened.settings, pseudonyms)
    report = refusal.value.report
    assert [fault.code for fault in report.faults] == ["unreadable_file"]
    assert str(report.warnings[0]).endswith("nearest: payments")


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="holds no table"):
        open_book(tmp_path)
    with pytest.raises(Refusal, match="is not there"):
        open_book(tmp_path / "nowhere")
