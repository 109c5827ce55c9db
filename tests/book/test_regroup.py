"""A book in one piece that is too large for one load: read in groups of borrowers, nothing lost, little held."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import book.load
from book.check.book import check_book
from book.load import load, open_book
from book.load.regroup import small_parts
from book.pseudonym import Pseudonyms

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def many(rows: Rows) -> Rows:
    """Sixty borrowers, their rows in no order."""
    for k in range(3, 61):
        rows["loans"].append(rows["loans"][2] | {"loan_id": f"L{k + 100}", "borrower_id": f"B{k}"})
        rows["instalments"] += [row | {"loan_id": f"L{k + 100}"} for row in rows["instalments"][6:9]]
        rows["payments"].insert(0, rows["payments"][2] | {"loan_id": f"L{k + 100}", "payment_id": f"Q{k}"})
    return rows


def test_groups_give_the_faults_of_the_whole_book_with_its_row_numbers(
    many: Rows,
    write_parquet: Callable[[Rows], Path],
    pseudonyms: Pseudonyms,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    many["payments"][40] |= {"paid_on": "2023-12-31", "posted_at": "2024-01-01T00:00:00Z"}
    folder = write_parquet(many)
    whole = check_book(open_book(folder), tmp_path / "whole", pseudonyms=pseudonyms)
    monkeypatch.setattr(book.load, "MOST_ROWS", 100)
    opened = open_book(folder)
    assert len(opened.parts) == 4
    found = check_book(opened, tmp_path / "groups", pseudonyms=pseudonyms)
    early = [fault for fault in found.faults if fault.code == "payment_before_disbursement"]
    assert [(fault.row, fault.got) for fault in early] == [
        (fault.row, fault.got) for fault in whole.faults if fault.code == "payment_before_disbursement"
    ]
    assert early[0].row == 41
    assert found.rows == whole.rows
    kept = [pl.read_parquet(tmp_path / out / "quarantine" / "payments.parquet") for out in ("whole", "groups")]
    assert kept[0].drop("part").equals(kept[1].drop("part"))


def test_a_table_without_a_row_for_a_group_is_empty_and_not_missing(
    many: Rows, write_parquet: Callable[[Rows], Path], pseudonyms: Pseudonyms, tmp_path: Path
) -> None:
    opened = open_book(write_parquet(many))
    loaded = [load(part, opened.settings, pseudonyms).tables for part in small_parts(opened.parts, tmp_path, most=100)]
    assert len(loaded) == 4
    assert all("contacts" in tables for tables in loaded)
    assert sorted(len(tables["contacts"]) for tables in loaded) == [0, 0, 0, 1]
    assert sum(len(tables.loan_ids) for tables in loaded) == len(many["loans"])


def test_loans_that_do_not_say_whose_they_are_are_read_in_one_piece(
    many: Rows, write_parquet: Callable[[Rows], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for loan in many["loans"]:
        del loan["borrower_id"]
    monkeypatch.setattr(book.load, "MOST_ROWS", 100)
    assert len(open_book(write_parquet(many)).parts) == 1
