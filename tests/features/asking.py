"""Asking the engine: loans of a book at moments, in one call or one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from random_books import Book, Moment
from reading.days import end_of_day

from book.known import known
from book.request import tables_from_rows
from book.tables import Tables
from features.catalogue import CATALOGUE
from features.history import History
from features.standing import STATUSES, standing

Asked = Sequence[tuple[str, Moment]]


def tables_of(book: Book) -> Tables:
    return tables_from_rows(book.rows, book.settings, book_complete=book.complete)


def history(tables: Tables, book: Book, asked: Asked) -> History:
    """The history of every (loan id, moment) asked for, in one call of `known`."""
    place = {loan_id: at for at, loan_id in enumerate(tables.loan_ids)}
    epoch = date(1970, 1, 1)
    loan = np.array([place[loan_id] for loan_id, _ in asked], np.int32)
    as_of = np.array([(moment.as_of - epoch).days for _, moment in asked], np.int32)
    cutoff = None
    if any(moment.cutoff is not None for _, moment in asked):
        cutoff = np.array([cutoff_of(book, moment) for _, moment in asked], np.int64)
    return History(known(tables, loan, as_of, cutoff, book.settings), book.settings)


def cutoff_of(book: Book, moment: Moment) -> int:
    return end_of_day(moment.as_of, book.settings.timezone) if moment.cutoff is None else moment.cutoff


def matrix(tables: Tables, book: Book, asked: Asked) -> NDArray[np.float32]:
    """Every column, model inputs and data quality; one row for each question."""
    return CATALOGUE.full_matrix(history(tables, book, asked))


def columns(tables: Tables, book: Book, asked: Asked) -> list[dict[str, Any]]:
    """Every column by name, and `status`, for each question."""
    asked_history = history(tables, book, asked)
    values = CATALOGUE.full_matrix(asked_history)
    codes = standing(asked_history)
    return [
        dict(zip(CATALOGUE.all_names, row.tolist(), strict=True)) | {"status": STATUSES[code]}
        for row, code in zip(values, codes, strict=True)
    ]


def bits(values: NDArray[np.float32]) -> NDArray[np.uint32]:
    """The bits of float32 values, so that NaN equals NaN and -0 does not equal 0."""
    return np.ascontiguousarray(values).view(np.uint32)
