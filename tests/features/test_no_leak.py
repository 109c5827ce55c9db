"""What happened after as_of, or was posted after the cut-off, changes no bit of any feature."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from asking import bits, cutoff_of, matrix, tables_of
from hypothesis import given, settings
from hypothesis import strategies as st
from random_books import Book, Moment, Rows, askable, books, examples, moments
from reading.rows import EVENT, known


def as_known(book: Book, moment: Moment) -> Book:
    """The book as it stood: nothing that was not known is in it."""
    cutoff = cutoff_of(book, moment)
    rows: Rows = {
        table: [dict(row) for row in known(book.rows, table, book.settings, moment.as_of, cutoff) or []]
        for table in book.rows
    }
    there = {row["payment_id"] for row in rows["payments"]}
    rows["payments"] = [row for row in rows["payments"] if row.get("reverses_id") in {None, *there}]
    loans = {row["loan_id"] for row in rows["loans"]}
    rows = {table: [row for row in found if row.get("loan_id") in {None, *loans}] for table, found in rows.items()}
    return Book(rows, book.settings, book.complete)


def later_rows(loan_id: str, on: date, posted: str | None, tag: str) -> Rows:
    """One loud row for every table: a payment, a reversal of it, a write-off, a schedule, a charge."""
    base: dict[str, Any] = {"loan_id": loan_id} | ({"posted_at": posted} if posted else {})
    paid = {"paid_on": on.isoformat(), "amount": "777.77"}
    version = {"instalment_no": 1, "schedule_version": 9, "valid_from": on.isoformat()}
    due = {"due_on": on.isoformat(), "principal_due": "5555.55", "interest_due": "0", "fee_due": "0"}
    return {
        "payments": [
            base | paid | {"payment_id": f"{tag}1", "status": "posted"},
            base | paid | {"payment_id": f"{tag}2", "status": "failed", "fail_reason": "insufficient"},
            base | paid | {"payment_id": f"{tag}3", "status": "reversal", "reverses_id": f"{tag}1"},
        ],
        "loan_events": [
            base | {"event_id": f"{tag}4", "event_type": "bankruptcy", "event_on": on.isoformat()},
            base | {"event_id": f"{tag}5", "event_type": "mandate_off", "event_on": on.isoformat()},
        ],
        "instalments": [base | version | due],
        "charges": [
            base | {"charge_id": f"{tag}6", "kind": "late_fee", "charged_on": on.isoformat(), "amount": "99.00"}
        ],
    }


def with_rows(book: Book, more: Rows) -> Book:
    rows = {table: found + more.get(table, []) for table, found in book.rows.items()}
    return Book(rows, book.settings, book.complete)


def feature_bits(book: Book, asked: list[tuple[str, Moment]]) -> Any:
    return bits(matrix(tables_of(book), book, asked))


@settings(max_examples=examples(40))
@given(st.data())
def test_only_what_was_known_counts(data: st.DataObject) -> None:
    book = data.draw(books())
    for moment in data.draw(moments(book, count=2)):
        asked = [(loan_id, moment) for loan_id in book.loan_ids if askable(book, loan_id, moment)]
        if asked:
            np.testing.assert_array_equal(feature_bits(book, asked), feature_bits(as_known(book, moment), asked))


@settings(max_examples=examples(40))
@given(st.data())
def test_later_events_and_later_postings_change_nothing(data: st.DataObject) -> None:
    book = data.draw(books())
    (moment,) = data.draw(moments(book, count=1))
    loan_id = data.draw(st.sampled_from(book.loan_ids))
    asked = [(one, moment) for one in book.loan_ids if askable(book, one, moment)]
    if (loan_id, moment) not in asked:
        return
    tomorrow = moment.as_of + timedelta(data.draw(st.sampled_from([1, 2, 30])))
    late = _posted_after(cutoff_of(book, moment))
    last = min(moment.as_of, date(1970, 1, 1) + timedelta(microseconds=cutoff_of(book, moment)))
    day_before = max(book.start(loan_id), last - timedelta(data.draw(st.sampled_from([0, 5, 90]))))
    if day_before > last:
        return
    more = later_rows(loan_id, tomorrow, None, "future")
    for table, rows in later_rows(loan_id, day_before, late, "late").items():
        more[table] += [row | ({"schedule_version": 10} if table == "instalments" else {}) for row in rows]
    np.testing.assert_array_equal(feature_bits(book, asked), feature_bits(with_rows(book, more), asked))


def _posted_after(cutoff: int) -> str:
    """One microsecond after the cut-off."""
    return str(np.datetime64(cutoff + 1, "us")) + "+00:00"


def test_every_table_of_the_books_has_an_event_date() -> None:
    assert {"loans", "instalments", "payments", "loan_events", "charges"} <= set(EVENT)
