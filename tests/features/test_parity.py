"""One and many are the same call: the same bits alone, in a chunk, in a panel, in any order of rows."""

from __future__ import annotations

import numpy as np
from asking import bits, matrix, tables_of
from hypothesis import given, settings
from hypothesis import strategies as st
from random_books import Book, Rows, all_settings, askable, books, examples, moments


def together(parts: list[Book]) -> Book:
    """Several borrowers in one book; a table is there if any of them has it."""
    rows: Rows = {}
    for part in parts:
        for table, found in part.rows.items():
            rows[table] = rows.get(table, []) + found
    return Book(rows, parts[0].settings, parts[0].complete)


def same_tables(part: Book, like: Book) -> Book:
    """The book with the tables of another: an empty table is not an absent one."""
    return Book({table: part.rows.get(table, []) for table in like.rows}, part.settings, like.complete)


@settings(max_examples=examples(25))
@given(st.data())
def test_a_loan_alone_has_the_bits_it_has_among_many(data: st.DataObject) -> None:
    house = data.draw(all_settings())
    parts = [data.draw(books(prefix=f"{place}-", settings=house)) for place in range(3)]
    whole = together(parts)
    tables = tables_of(whole)
    for part in parts:
        asked = [
            (loan_id, moment)
            for moment in data.draw(moments(part, count=2))
            for loan_id in part.loan_ids
            if askable(part, loan_id, moment)
        ]
        if asked:
            alone = same_tables(part, whole)
            np.testing.assert_array_equal(
                bits(matrix(tables_of(alone), alone, asked)), bits(matrix(tables, whole, asked))
            )


@settings(max_examples=examples(40))
@given(st.data())
def test_a_panel_has_the_bits_of_one_day_at_a_time(data: st.DataObject) -> None:
    book = data.draw(books())
    asked = [
        (loan_id, moment)
        for moment in data.draw(moments(book, count=8, cutoffs=data.draw(st.booleans())))
        for loan_id in book.loan_ids
        if askable(book, loan_id, moment)
    ]
    if asked:
        tables = tables_of(book)
        one_by_one = np.concatenate([matrix(tables, book, [one]) for one in asked])
        np.testing.assert_array_equal(bits(matrix(tables, book, asked)), bits(one_by_one))


@settings(max_examples=examples(25))
@given(st.data())
def test_the_order_of_rows_changes_nothing(data: st.DataObject) -> None:
    book = data.draw(books())
    mixed = Book(
        {table: data.draw(st.permutations(rows)) for table, rows in book.rows.items()},
        book.settings,
        book.complete,
    )
    asked = [
        (loan_id, moment)
        for moment in data.draw(moments(book, count=3))
        for loan_id in book.loan_ids
        if askable(book, loan_id, moment)
    ]
    if asked:
        np.testing.assert_array_equal(
            bits(matrix(tables_of(book), book, asked)), bits(matrix(tables_of(mixed), mixed, asked))
        )
