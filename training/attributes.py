"""Group attributes of borrowers, for tests of fairness only: they are read apart and never meet the features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from book.load import Book, load
from monitoring.triggers import CORE
from training.case import Groups
from training.data import numbers_of

TABLE = "attributes"


def attributes(book: Book, borrower: NDArray[np.int64]) -> dict[str, Groups]:
    """The groups of each row by attribute; `borrower` (n,) are numbers as in `training.data.Rows`.

    Empty where the book has no such table; attributes that no borrower has are left out.
    """
    numbers, words = _read(book)
    if not len(numbers):
        return {}
    order = np.argsort(numbers, kind="stable")
    at = np.minimum(np.searchsorted(numbers[order], borrower), len(numbers) - 1)
    row = np.where(numbers[order][at] == borrower, order[at], -1)
    found = {}
    for name, values in words.items():
        known = np.array([value is not None for value in values], bool)
        if known.any():
            names, codes = np.unique(values[known].astype(str), return_inverse=True)
            code = np.full(len(values) + 1, -1)
            code[:-1][known] = codes
            found[name] = Groups(code[row], tuple(names.tolist()))
    return found


def _read(book: Book) -> tuple[NDArray[np.int64], dict[str, NDArray[np.object_]]]:
    columns = [column.name for column in TABLES[TABLE].columns if column.name != "borrower_id"]
    numbers: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    words: dict[str, list[NDArray[np.object_]]] = {name: [np.empty(0, object)] for name in columns}
    for part in book.parts:
        if TABLE not in part.files:
            continue
        files = {name: paths for name, paths in part.files.items() if name in {*CORE, TABLE}}
        tables = load(replace(part, files=files), book.settings).tables
        frame = tables[TABLE]
        numbers.append(numbers_of(tables.borrower_ids)[frame["borrower_id"]])
        for name in columns:
            words[name].append(np.asarray(frame[name], object))
    return np.concatenate(numbers), {name: np.concatenate(parts) for name, parts in words.items()}
