"""Data notes say what a reader must know, at the day scored and with what was known then."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import numpy as np
import pytest

from book.dossiers import Dossiers
from book.known import known
from book.request import example, tables_from_rows
from book.settings import Settings
from serving.notes import assumed_share, notes

AS_OF = date(2024, 6, 30)
Rows = dict[str, list[dict[str, Any]]]


def dossiers(rows: Rows, as_of: date = AS_OF, complete: bool = True) -> Dossiers:
    tables = tables_from_rows(rows, Settings(), book_complete=complete)
    day = (as_of - date(1970, 1, 1)).days
    return known(tables, np.array([0]), np.array([day]), settings=Settings())


@pytest.fixture
def rows() -> Rows:
    """The worked example with a fresh feed of each kind."""
    found: Rows = deepcopy(example()["tables"])
    found["cashflow"] = [movement("t1", "2024-06-20", "100.00")]
    found["external_debts"] = [
        {
            "snapshot_id": "s1", "borrower_id": "B-77", "line_no": 1, "report_on": "2024-06-01",
            "lender_id": "X", "debt_type": "card", "opened_on": "2020-01-01", "balance": "10.00", "dpd": 0,
            "posted_at": "2024-06-02T00:00:00Z",
        }
    ]  # fmt: skip
    return found


def movement(txn: str, on: str, amount: str, posted: str | None = None) -> dict[str, Any]:
    return {
        "txn_id": txn, "borrower_id": "B-77", "account_id": "A", "booked_on": on, "amount": amount,
        "posted_at": posted or f"{on}T12:00:00Z",
    }  # fmt: skip


def codes(found: Dossiers) -> list[str]:
    return [note.code for note in notes(found)[0]]


def test_complete_fresh_data_has_no_notes(rows: Rows) -> None:
    assert codes(dossiers(rows)) == []


def test_absent_tables_are_named_in_both_languages(rows: Rows) -> None:
    del rows["cashflow"], rows["external_debts"]
    (note,) = notes(dossiers(rows))[0]
    assert note.text["en"] == "Not handed in: account cashflow, bureau reports; what depends on it is missing."
    assert note.text["zh"] == "未提供：账户流水、征信报告；相关指标缺失。"


@pytest.mark.parametrize(("newest", "noted"), [("2024-05-16", False), ("2024-05-15", True)])
def test_cashflow_is_stale_after_45_days(rows: Rows, newest: str, noted: bool) -> None:
    rows["cashflow"] = [movement("t1", newest, "100.00")]
    assert (codes(dossiers(rows)) == ["stale"]) is noted


def test_a_row_after_the_day_or_posted_after_the_cut_off_does_not_make_a_feed_fresh(rows: Rows) -> None:
    rows["cashflow"] = [
        movement("t1", "2024-04-30", "1.00"),
        movement("t2", "2024-07-01", "1.00"),
        movement("t3", "2024-06-29", "1.00", posted="2024-07-05T00:00:00Z"),
    ]
    (note,) = notes(dossiers(rows))[0]
    assert note.text["en"] == "The newest row of account cashflow is 61 days old (limit 45)."


def test_a_feed_without_a_row_says_so(rows: Rows) -> None:
    rows["cashflow"] = []
    assert codes(dossiers(rows)) == ["no_rows"]


def test_the_share_of_assumed_times_counts_only_rows_known_by_then(rows: Rows) -> None:
    for payment in rows["payments"]:
        del payment["posted_at"]
    found = dossiers(rows, date(2024, 1, 31))
    known_by_then = [payment for payment in rows["payments"] if payment["paid_on"] <= "2024-01-31"]
    rows_known = len(rows["instalments"]) + len(known_by_then)
    assert assumed_share(found)[0] == len(known_by_then) / rows_known
    assert "knowledge_assumed" in codes(found)


def test_a_borrower_with_other_loans_elsewhere_in_the_book_is_noted(rows: Rows) -> None:
    assert codes(dossiers(rows, complete=False)) == ["book_incomplete"]
