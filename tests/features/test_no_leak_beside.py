"""Rows of the tables beside the repayments that were not known: they change no bit of any feature."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from asking import bits, cutoff_of, matrix, tables_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_books import Book, Moment, Rows, askable, books, examples, moments
from random_themes import ALL_TABLES, BORROWER_THEMES
from reading.rows import event_day, known

EVERYTHING = BORROWER_THEMES[-1]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def feature_bits(book: Book, asked: list[tuple[str, Moment]]) -> Any:
    return bits(matrix(tables_of(book), book, asked))


def asked_at(book: Book, moment: Moment) -> list[tuple[str, Moment]]:
    return [(loan_id, moment) for loan_id in book.loan_ids if askable(book, loan_id, moment)]


def only_known(book: Book, moment: Moment, tables: tuple[str, ...]) -> Book:
    """The book whose `tables` hold nothing that was not known."""
    cutoff = cutoff_of(book, moment)
    rows: Rows = dict(book.rows)
    for table in tables:
        if table in rows:
            found = known(rows, table, book.settings, moment.as_of, cutoff) or []
            rows[table] = [dict(row) for row in found]
    return Book(rows, book.settings, book.complete)


@settings(max_examples=examples(25), suppress_health_check=SLOW)
@given(st.data())
def test_rows_of_later_days_or_posted_later_change_nothing_table_by_table(data: st.DataObject) -> None:
    book = data.draw(books(theme=EVERYTHING))
    (moment,) = data.draw(moments(book, count=1))
    asked = asked_at(book, moment)
    table = data.draw(st.sampled_from(ALL_TABLES))
    if asked:
        without = only_known(book, moment, (table,))
        np.testing.assert_array_equal(feature_bits(book, asked), feature_bits(without, asked))


@settings(max_examples=examples(25), suppress_health_check=SLOW)
@given(st.data())
def test_a_row_posted_after_the_cut_off_is_a_row_that_is_not_there(data: st.DataObject) -> None:
    book = data.draw(books(theme=EVERYTHING))
    (moment,) = data.draw(moments(book, count=1))
    asked = asked_at(book, moment)
    late = str(np.datetime64(cutoff_of(book, moment) + 1, "us")) + "+00:00"
    last = date.fromisoformat(late[:10]) - timedelta(1)
    delayed: Rows = dict(book.rows)
    left_out: Rows = dict(book.rows)
    for table in (name for name in ALL_TABLES if name in book.rows):
        rows = book.rows[table]
        chosen = [place % 3 == 0 and event_day(table, row, book.settings) <= last for place, row in enumerate(rows)]
        delayed[table] = [row | {"posted_at": late} if moved else row for row, moved in zip(rows, chosen, strict=True)]
        left_out[table] = [row for row, moved in zip(rows, chosen, strict=True) if not moved]
    if asked:
        np.testing.assert_array_equal(
            feature_bits(Book(delayed, book.settings, book.complete), asked),
            feature_bits(Book(left_out, book.settings, book.complete), asked),
        )
