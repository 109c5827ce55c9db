"""A quarantined row bars a loan from scoring for twelve months, once the row was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from asking import history, tables_of
from golden_cases import golden_cases
from random_books import Book, Moment
from reading.days import end_of_day

from book.tables import Array
from features.standing import STATUSES, standing

EPOCH = date(1970, 1, 1)
FAULT = date(2024, 5, 31)


@pytest.mark.parametrize(
    ("as_of", "posted", "status"),
    [
        (FAULT - timedelta(1), FAULT, "scored"),
        (FAULT, FAULT, "data_fault"),
        (FAULT, FAULT + timedelta(1), "scored"),
        (date(2024, 6, 15), FAULT + timedelta(1), "data_fault"),
        (date(2024, 7, 20), FAULT, "data_fault"),
    ],
)
def test_a_fault_counts_from_its_day_and_its_posting(as_of: date, posted: date, status: str) -> None:
    assert status_with_fault(as_of, FAULT, posted) == status


@pytest.mark.parametrize(("as_of", "status"), [(date(2024, 7, 30), "data_fault"), (date(2024, 7, 31), "scored")])
def test_a_fault_is_forgotten_after_twelve_months(as_of: date, status: str) -> None:
    assert status_with_fault(as_of, date(2023, 7, 31), date(2023, 7, 31)) == status


def status_with_fault(as_of: date, on: date, posted: date) -> str:
    """Status of the loan of "Seven instalments, two late" with one quarantined row of a day."""
    case = next(case for case in golden_cases() if "Seven instalments" in case.name)
    rows = case.rows | {"instalments": case.rows["instalments"] + one_more(case.rows["instalments"][-1])}
    book = Book(rows, case.settings)
    extra: dict[str, Array] = {
        "fault_loan": np.array([0], np.int32),
        "fault_on": np.array([(on - EPOCH).days], np.int32),
        "fault_posted_at": np.array([end_of_day(posted, case.settings.timezone)], np.int64),
    }
    tables = replace(tables_of(book), extra=extra)
    return STATUSES[standing(history(tables, book, [("L1", Moment(as_of))]))[0]]


def one_more(last: dict[str, object]) -> list[dict[str, object]]:
    """An eighth instalment, so that the loan is not closed."""
    return [last | {"instalment_no": 8, "due_on": "2024-08-20"}]
