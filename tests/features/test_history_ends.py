"""A History and all that was measured of it go together, at once: no circle of references waits for the collector."""

import gc
import weakref
from pathlib import Path

import numpy as np

from book.known import known
from book.load import load, open_book
from features.catalogue import CATALOGUE
from features.history import History
from features.standing import standing


def test_nothing_outlives_a_history(small_book: Path) -> None:
    book = open_book(small_book)
    tables = load(book.parts[0], book.settings).tables
    loan = np.arange(len(tables.loan_ids), dtype=np.int32)
    day = np.full(len(loan), tables["payments"]["paid_on"].max(), np.int32)
    h = History(known(tables, loan, day, settings=book.settings), book.settings)
    CATALOGUE.full_matrix(h)
    standing(h)
    others, _ = h.others
    assert len(others.dossiers.loan) > 0
    gone = [weakref.ref(h), weakref.ref(others)]
    gc.disable()
    try:
        del h, others
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()
