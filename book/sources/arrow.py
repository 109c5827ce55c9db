"""Whole-number columns into exact Arrow columns: money as decimal(18,2), days as dates, codes as words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MONEY = pa.decimal128(18, 2)
_SAMPLE, _REPEATED = 1 << 14, 4


def money(minor: Ints, missing: Bools | None = None) -> pa.Array:
    """Minor units as decimal(18,2)."""
    pairs = np.empty((len(minor), 2), np.int64)
    pairs[:, 0], pairs[:, 1] = minor, np.where(minor < 0, -1, 0)
    return pa.Array.from_buffers(MONEY, len(minor), [_valid(missing), pa.py_buffer(pairs)])


def dates(day: Ints, missing: Bools | None = None) -> pa.Array:
    """Days since 1970-01-01 as dates."""
    return pa.array(day.astype(np.int32), mask=missing).cast(pa.date32())


def stamps(moment: Ints) -> pa.Array:
    """UTC microseconds as timestamps."""
    return pa.array(moment).cast(pa.timestamp("us", tz="UTC"))


def counts(values: Ints, missing: Bools | None = None) -> pa.Array:
    """Whole numbers."""
    return pa.array(values.astype(np.int32), mask=missing)


def numbers(values: Floats, missing: Bools | None = None) -> pa.Array:
    """Doubles."""
    return pa.array(values, mask=missing)


def flags(values: NDArray[Any], missing: Bools | None = None) -> pa.Array:
    """True or false."""
    return pa.array(values.astype(np.bool_), mask=missing)


def words(code: Ints, choices: tuple[str, ...]) -> pa.Array:
    """Positions in `choices` as words; -1 is missing."""
    return pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32), mask=code < 0), pa.array(choices))


def constant(word: str, rows: int) -> pa.Array:
    """One word in every row."""
    return words(np.zeros(rows, np.int64), (word,))


def ids(prefix: str, number: Ints, digits: int = 9, missing: Bools | None = None) -> pa.Array:
    """Numbers as ids of one length, such as L000000042."""
    width = len(prefix) + digits
    text = np.empty((len(number), width), np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    left = np.asarray(number, np.int64)
    for column in range(width - 1, len(prefix) - 1, -1):
        left, digit = np.divmod(left, 10)
        text[:, column] = digit + ord("0")
    offsets = np.arange(len(number) + 1, dtype=np.int32) * width
    buffers = [_valid(missing), pa.py_buffer(offsets), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.string(), len(number), buffers)


def ids_of(prefix: str, owner: Ints, numbers: Ints, digits: int = 9) -> pa.Array:
    """Ids of few owners repeated over many rows: `numbers[owner]`."""
    index = pa.array(owner.astype(np.int32))
    return pa.DictionaryArray.from_arrays(index, ids(prefix, numbers, digits))


def either(first: Bools, one: pa.Array, other: pa.Array) -> pa.Array:
    """The values of `one` where `first`, else of `other`."""
    return pc.if_else(pa.array(first), one, other)


def write(table: pa.Table, path: Path) -> None:
    """Write one Parquet file with plain column types, quick to read: lz4, and money in eight bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coded = [f.name for f in table.schema if pa.types.is_dictionary(f.type) or pa.types.is_date(f.type)]
    coded += [f.name for f in table.schema if pa.types.is_string(f.type) and _repeats(table[f.name])]
    pq.write_table(
        table, path, compression="lz4", use_dictionary=coded, store_schema=False, store_decimal_as_integer=True
    )


def _repeats(words: pa.ChunkedArray) -> bool:
    """Whether words come again: a dictionary of them is then smaller, and quicker to read."""
    sample = words.slice(0, _SAMPLE)
    return bool(_REPEATED * pc.count_distinct(sample).as_py() <= len(sample))


def _valid(missing: Bools | None) -> pa.Buffer | None:
    if missing is None:
        return None
    return pa.py_buffer(np.packbits(~missing, bitorder="little"))
