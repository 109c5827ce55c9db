"""Columns as they were read from a book as Arrow columns of the store."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from book.contract.kinds import Column, Kind
from book.encoding.columns import Read, Words
from book.load.words import Written
from book.pseudonym import Pseudonyms
from book.store_rows import OWNER, Int
from book.tables import Array


def record_batch(read: Read, order: Int, pseudonyms: Pseudonyms) -> pa.RecordBatch:
    """The columns of a table in `order`."""
    names, arrays = [], []
    for column in read.table.columns:
        values = read.columns.get(column.name)
        if values is not None and column.name != OWNER:
            names.append(column.name)
            arrays.append(_arrow(column, values, order, pseudonyms))
    return pa.RecordBatch.from_arrays(arrays, names)


def _arrow(column: Column, values: Array | Words, order: Int, pseudonyms: Pseudonyms) -> pa.Array:
    if not isinstance(values, Words):
        return pa.array(values[order])
    if column.kind is Kind.PERSON:
        return pa.array(np.append(pseudonyms.numbers(values.words), np.int64(0))[values.codes][order])
    if isinstance(values, Written):
        return values.series().gather(order).to_arrow(compat_level=pl.CompatLevel.oldest())
    return pa.array([*values.words, None], pa.large_string()).take(
        pa.array(values.codes[order] % (len(values.words) + 1))
    )
