"""`known` keeps exactly the rows that had happened and were posted; looked up one row at a time here."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from random_books import Book, Moment, books, examples, moments
from reading.days import end_of_day
from reading.loan import status
from reading.rows import EVENT, cents, day_of
from reading.rows import known as known_rows

from book.dossiers import Dossiers
from book.known import known
from book.request import tables_from_rows
from book.settings import Settings

EPOCH = date(1970, 1, 1)
MONEY = {"payments": "amount", "charges": "amount", "instalments": "principal_due"}


def expected(book: Book, table: str, loan_id: str, moment: Moment) -> Counter[tuple[int, int]]:
    """(event day, amount) of the rows known, reversed payments and reversals left out."""
    end = end_of_day(moment.as_of, book.settings.timezone) if moment.cutoff is None else moment.cutoff
    rows = known_rows(book.rows, table, book.settings, moment.as_of, end) or []
    if table == "payments":
        undone = {row["reverses_id"] for row in rows if status(row) == "reversal"}
        rows = [row for row in rows if status(row) != "reversal" and row["payment_id"] not in undone]
    return Counter(
        ((day_of(row[EVENT[table]]) - EPOCH).days, cents(row.get(MONEY.get(table, ""))))
        for row in rows
        if row["loan_id"] == loan_id
    )


def found(dossiers: Dossiers, table: str, place: int) -> Counter[tuple[int, int]]:
    """The same from the dossiers: rows of the segment up to as_of."""
    rows = dossiers.tables[table]
    segment = rows.segment(dossiers.loan[place : place + 1], dossiers.moment[place : place + 1])[0]
    span = slice(rows.offsets[segment], rows.offsets[segment + 1])
    days = rows[EVENT[table]][span]
    assert np.all(np.diff(days) >= 0), "rows of a segment are sorted by event day"
    amounts = rows[MONEY[table]][span] if table in MONEY else np.zeros(len(days), np.int64)
    as_of = dossiers.as_of[dossiers.moment[place]]
    pairs = zip(days.tolist(), amounts.tolist(), strict=True)
    return Counter((day, amount) for day, amount in pairs if day <= as_of)


@settings(max_examples=examples(60))
@given(st.data())
def test_dossiers_hold_what_was_known(data: st.DataObject) -> None:
    book = data.draw(books())
    asked = [(loan_id, moment) for moment in data.draw(moments(book)) for loan_id in book.loan_ids]
    tables = tables_from_rows(book.rows, book.settings)
    place = {loan_id: at for at, loan_id in enumerate(tables.loan_ids)}
    dossiers = known(
        tables,
        np.array([place[loan_id] for loan_id, _ in asked], np.int32),
        np.array([(moment.as_of - EPOCH).days for _, moment in asked], np.int32),
        np.array(
            [
                end_of_day(moment.as_of, book.settings.timezone) if moment.cutoff is None else moment.cutoff
                for _, moment in asked
            ],
            np.int64,
        ),
        book.settings,
    )
    for at, (loan_id, moment) in enumerate(asked):
        for table in set(book.rows) & {"instalments", "payments", "loan_events", "charges"}:
            assert found(dossiers, table, at) == expected(book, table, loan_id, moment), (
                table,
                loan_id,
                moment,
            )


def test_a_late_row_is_private_to_the_moments_before_it_was_posted() -> None:
    rows = {
        "loans": [
            {
                "loan_id": "L",
                "borrower_id": "B",
                "product": "loan",
                "borrower_type": "person",
                "currency": "CNY",
                "principal": "100.00",
                "annual_rate": 0.1,
                "disbursed_on": "2024-01-01",
                "maturity_on": "2025-01-01",
                "n_instalments": 1,
                "repayment_type": "annuity",
            }
        ],
        "instalments": [],
        "payments": [
            {
                "payment_id": "P",
                "loan_id": "L",
                "paid_on": "2024-02-10",
                "amount": "10.00",
                "posted_at": "2024-04-05T00:00:00+00:00",
            }
        ],
    }
    book = Book(rows, Settings())
    tables = tables_from_rows(book.rows, book.settings)
    days = [(date(2024, month, 28) - EPOCH).days for month in (1, 2, 3, 4)]
    dossiers = known(tables, np.zeros(4, np.int32), np.array(days, np.int32), settings=book.settings)
    private = dossiers.tables["payments"].private
    assert private.tolist() == [1, 2], "February and March; January lies before the payment, April after posting"
    assert [sum(found(dossiers, "payments", place).values()) for place in range(4)] == [0, 0, 0, 1]
