"""What is known of borrowers beside their payments: the same bits alone and among many, and nothing of the future."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from asking import bits, matrix, tables_of
from hypothesis import given, settings
from hypothesis import strategies as st
from random_books import Book, Moment, examples
from random_borrowers import FIRST, Rows, borrower_rows

from book.settings import Settings
from features.catalogue import CATALOGUE

MINE = ("EXT", "FUND", "PUB", "COLL", "FIN")
DAYS = (date(2023, 6, 30), date(2023, 11, 17), date(2024, 2, 29), date(2024, 6, 30))


def books(dice: Random, count: int) -> list[Book]:
    """Borrowers of their own, each with every table of all of them: an empty table is not an absent one."""
    parts = [borrower_rows(dice, f"B{number}") for number in range(count)]
    tables = sorted({table for rows in parts for table in rows})
    return [Book({table: rows.get(table, []) for table in tables}, Settings()) for rows in parts]


def together(parts: list[Book]) -> Book:
    rows = {table: [row for part in parts for row in part.rows[table]] for table in parts[0].rows}
    return Book(rows, Settings())


def asked(book: Book) -> list[tuple[str, Moment]]:
    """Every loan on every day it was known."""
    return [(loan, Moment(day)) for loan in book.loan_ids for day in DAYS if day >= book.start(loan)]


def known_later(rows: Rows, day: date) -> Rows:
    """Without the rows that were not known at the end of `day`."""
    return {
        table: [row for row in found if "posted_at" not in row or row["posted_at"][:10] <= day.isoformat()]
        for table, found in rows.items()
    }


@settings(max_examples=examples(12), deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_a_borrower_alone_has_the_bits_of_the_borrower_among_many(dice: Random) -> None:
    parts = books(dice, 4)
    whole = together(parts)
    tables = tables_of(whole)
    for part in parts:
        questions = asked(part)
        if questions:
            alone = matrix(tables_of(part), part, questions)
            np.testing.assert_array_equal(bits(alone), bits(matrix(tables, whole, questions)))
            one_by_one = np.concatenate([matrix(tables, whole, [question]) for question in questions[:2]])
            np.testing.assert_array_equal(bits(alone[:2]), bits(one_by_one))


@settings(max_examples=examples(12), deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_rows_posted_later_change_nothing(dice: Random) -> None:
    (book,) = books(dice, 1)
    for loan, moment in asked(book):
        then = Book(known_later(book.rows, moment.as_of), book.settings)
        late = matrix(tables_of(book), book, [(loan, moment)])
        np.testing.assert_array_equal(bits(matrix(tables_of(then), then, [(loan, moment)])), bits(late))


@settings(max_examples=examples(8), deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(dice: Random) -> None:
    (book,) = books(dice, 1)
    mixed = Book({table: dice.sample(rows, len(rows)) for table, rows in book.rows.items()}, book.settings)
    questions = asked(book)
    if questions:
        np.testing.assert_array_equal(
            bits(matrix(tables_of(book), book, questions)), bits(matrix(tables_of(mixed), mixed, questions))
        )


def test_every_column_is_observed_somewhere_and_missing_without_its_tables() -> None:
    dice = Random(20240630)
    whole = together(books(dice, 60))
    bare = Book({table: whole.rows[table] for table in ("loans", "instalments", "payments")}, whole.settings)
    questions = asked(whole)
    full, none = (matrix(tables_of(book), book, questions) for book in (whole, bare))
    for place, column in enumerate(CATALOGUE.everything):
        if (column.family.code in MINE and column.name != "guarantor_dpd_max") or "balances" in column.tables:
            assert not np.isnan(full[:, place]).all(), column.name
            assert np.isnan(none[:, place]).all(), column.name


@pytest.mark.parametrize("days", [0, 30])
def test_a_report_speaks_for_ninety_days(days: int) -> None:
    rows = borrower_rows(Random(1), "B0")
    day = FIRST + timedelta(400)
    line = {"snapshot_id": "S", "borrower_id": "B0", "line_no": 1, "lender_id": "bank", "debt_type": "loan"}
    line |= {"report_on": day.isoformat(), "opened_on": day.isoformat(), "balance": "10.00", "dpd": 0}
    rows["external_debts"] = [line | {"posted_at": f"{day}T04:00:00+00:00"}]
    book = Book(rows, Settings())
    found = matrix(tables_of(book), book, [(book.loan_ids[0], Moment(day + timedelta(90 + days)))])
    lenders = found[0, CATALOGUE.all_names.index("ext_n_lenders")]
    assert np.isnan(lenders) if days else lenders == 1
