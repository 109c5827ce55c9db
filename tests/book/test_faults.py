"""Golden faults: what is wrong, where, got, allowed, nearest - read in files and in requests."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from book.check.book import check_book
from book.errors import Refused, RequestRefused
from book.load import load, open_book
from book.pseudonym import Pseudonyms
from book.request import tables_from_rows
from book.settings import Settings

Rows = dict[str, list[dict[str, Any]]]
GOLDEN = Path(__file__).parent / "golden"


def cases(name: str) -> list[Any]:
    found = tomllib.loads((GOLDEN / name).read_text(encoding="utf-8"))["case"]
    return [pytest.param(case, id=case["why"].replace(" ", "-")) for case in found]


def changed(rows: Rows, case: dict[str, Any]) -> Rows:
    for how in ("set", "add", "drop"):
        if how not in case:
            continue
        change = dict(case[how])
        table, row = change.pop("table"), change.pop("row")
        if how == "add":
            rows[table].append(rows[table][row] | change)
        elif how == "drop":
            del rows[table][row][change["field"]]
        else:
            rows[table][row] |= change
    return rows


@pytest.mark.parametrize("case", cases("faults.toml"))
def test_a_bad_row_of_a_file_is_told_in_full(
    case: dict[str, Any], rows: Rows, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    report = check_book(open_book(write_parquet(changed(rows, case))), pseudonyms=pseudonyms)
    texts = [str(fault) for fault in report.faults if fault.code == case["code"]]
    assert case["text"] in texts


@pytest.mark.parametrize("case", cases("faults.toml"))
def test_the_same_fault_of_a_request_has_a_path(
    case: dict[str, Any], rows: Rows, settings: Settings, pseudonyms: Pseudonyms
) -> None:
    with pytest.raises(RequestRefused) as refusal:
        tables_from_rows(changed(rows, case), settings, pseudonyms)
    found = [fault for fault in refusal.value.faults if fault.code == case["code"]]
    assert found
    tail = case["text"].split(": ", 1)[1]
    assert tail in [str(fault).split(": ", 1)[1] for fault in found]
    assert all(fault.path.startswith(f"tables.{fault.table}") for fault in found)


@pytest.mark.parametrize("case", cases("written.toml"))
def test_a_cell_written_wrongly_is_told_in_full(
    case: dict[str, Any], rows: Rows, write_csv: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    book = open_book(write_csv(changed(rows, case)))
    with pytest.raises(Refused) as refusal:
        load(book.parts[0], book.settings, pseudonyms)
    assert case["text"] in [str(fault) for fault in refusal.value.report.faults]


def test_all_faults_are_told_at_once(rows: Rows, write_csv: Callable[[Rows], Path], pseudonyms: Pseudonyms) -> None:
    del rows["instalments"]
    for row in rows["payments"]:
        row["amont"] = row.pop("amount")
    rows["payments"][0]["paid_on"] = "soon"
    rows["loan_events"][0]["event_type"] = "close"
    rows["cashflow"][0]["booked_on"] = "2024-02-31"
    report = check_book(open_book(write_csv(rows)), pseudonyms=pseudonyms)
    assert [fault.code for fault in report.faults] == [
        "missing_table",
        "missing_column",
        "bad_date",
        "unknown_value",
        "bad_date",
    ]
    assert str(report.faults[1]) == "payments, amount: a required column is missing; nearest: amont"
    assert "payments, amont: the column is not in the contract and was dropped; nearest: amount" in map(
        str, report.warnings
    )


def test_values_that_cannot_be_read_do_not_hide_faults_of_other_rows(
    rows: Rows, write_csv: Callable[[Rows], Path], pseudonyms: Pseudonyms
) -> None:
    rows["payments"][0]["paid_on"] = "soon"
    rows["payments"][2]["loan_id"] = "L9"
    rows["payments"].pop()
    report = check_book(open_book(write_csv(rows)), pseudonyms=pseudonyms)
    assert {"bad_date", "orphan", "too_many_quarantined"} == {fault.code for fault in report.faults}
