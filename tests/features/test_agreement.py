"""Engine and slow reading of the definitions agree, on random books and on the cases worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from asking import columns, tables_of
from golden_cases import Golden, golden_cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_books import Book, Moment, askable, books, examples, moments
from random_themes import BORROWER_THEMES, THEMES, Theme
from reading.days import end_of_day
from reading.whole import reading

from features.catalogue import CATALOGUE

CASES = golden_cases()
FOUND_BY_CHECKS = {"data_mismatch"}
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def differences(book: Book, asked: list[tuple[str, Moment]]) -> list[str]:
    """One line for each value that engine and reading do not share."""
    found = []
    for (loan_id, moment), engine in zip(asked, columns(tables_of(book), book, asked), strict=True):
        read = reading(book.rows, book.settings, loan_id, moment.as_of, moment.cutoff, book.complete)
        for column in [name for name in engine if name not in FOUND_BY_CHECKS]:
            if not same(engine[column], read[column]):
                where = f"{loan_id} on {moment.as_of} (cut-off {moment.cutoff})"
                found.append(f"{where}: {column}: engine {engine[column]}, reading {read[column]}")
    return found


def same(engine: Any, read: Any) -> bool:
    if isinstance(read, str):
        return bool(engine == read)
    return bool(np.isclose(engine, read, rtol=1e-5, atol=1e-6, equal_nan=True))


def all_agree(data: st.DataObject, theme: Theme) -> None:
    book = data.draw(books(theme=theme))
    asked = [
        (loan_id, moment)
        for moment in data.draw(moments(book))
        for loan_id in book.loan_ids
        if askable(book, loan_id, moment)
    ]
    found = differences(book, asked) if asked else []
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", THEMES, ids=[theme.name for theme in THEMES])
@settings(max_examples=examples(15))
@given(data=st.data())
def test_engine_and_reading_agree_on_random_repayments(theme: Theme, data: st.DataObject) -> None:
    all_agree(data, theme)


@pytest.mark.parametrize("theme", BORROWER_THEMES, ids=[theme.name for theme in BORROWER_THEMES])
@settings(max_examples=examples(12), suppress_health_check=SLOW)
@given(data=st.data())
def test_engine_and_reading_agree_on_random_borrowers(theme: Theme, data: st.DataObject) -> None:
    all_agree(data, theme)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_engine_gives_what_was_worked_by_hand(case: Golden) -> None:
    book = Book(case.rows, case.settings)
    cutoff = None if case.cutoff is None else end_of_day(case.cutoff, case.settings.timezone)
    (found,) = columns(tables_of(book), book, [("L1", Moment(case.as_of, cutoff))])
    wrong = {column: found[column] for column, worked in case.expect.items() if not same(found[column], worked)}
    assert not wrong, f"expected {dict(case.expect)}: {case.why}"


def test_the_reading_knows_every_column_of_the_engine() -> None:
    case = CASES[0]
    read = reading(case.rows, case.settings, "L1", case.as_of)
    assert set(CATALOGUE.all_names) - FOUND_BY_CHECKS == set(read) - {"status"}
