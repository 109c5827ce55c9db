"""Rows of many borrowers cut into blocks, one per table and bucket of borrowers: how a cluster brings tables together.

A block is an Arrow stream in bytes. Few large values travel where many small rows would have to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

BUCKET: Final = "_bucket"
SOURCE_ROW: Final = "_source_row"
BLOCKS: Final = pa.schema([("bucket", pa.int32()), ("source", pa.string()), ("block", pa.binary())])
MOST_BYTES: Final = 128 << 20  # rows held at a time while they are cut: bounds memory
_WRITING: Final = pa.ipc.IpcWriteOptions(compression="lz4")


def cut(batches: Iterable[pa.RecordBatch], source: str, most_bytes: int = MOST_BYTES) -> Iterator[pa.RecordBatch]:
    """The rows of table `source` as blocks, by their column `BUCKET`; batches of the schema `BLOCKS`.

    About `most_bytes` of rows are cut at a time, each time into one block per bucket.
    """
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size >= most_bytes:
            yield _blocks(pa.Table.from_batches(held), source)
            held, size = [], 0
    if held:
        yield _blocks(pa.Table.from_batches(held), source)


def _blocks(rows: pa.Table, source: str) -> pa.RecordBatch:
    bucket = rows[BUCKET].to_numpy()
    order = np.argsort(bucket, kind="stable")
    buckets, starts = np.unique(bucket[order], return_index=True)
    ordered = rows.drop_columns([BUCKET]).take(order)
    stops = np.append(starts[1:], len(order))
    blocks = [_bytes(ordered.slice(a, b - a)) for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]
    columns = [buckets.astype(np.int32), [source] * len(blocks), blocks]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, BLOCKS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=BLOCKS)


def _bytes(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=_WRITING) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue())


def joined(blocks: Iterable[pa.RecordBatch], schemas: Mapping[str, pa.Schema]) -> dict[str, pl.DataFrame]:
    """The tables of one bucket from its blocks, rows in the order of `SOURCE_ROW`.

    `schemas` names the tables of the book and their columns: a table without a row in this bucket is empty, not absent.
    """
    found: dict[str, list[pa.Table]] = {name: [] for name in schemas}
    for batch in blocks:
        for source, block in zip(batch["source"].to_pylist(), batch["block"], strict=True):
            with pa.ipc.open_stream(block.as_buffer()) as stream:
                found[source].append(stream.read_all())
    return {name: _frame(pieces, schemas[name]) for name, pieces in found.items()}


def _frame(pieces: list[pa.Table], schema: pa.Schema) -> pl.DataFrame:
    if not pieces:
        return pl.DataFrame(pl.from_arrow(_in_utc(schema.empty_table())))
    whole = pa.concat_tables(pieces)
    return pl.DataFrame(pl.from_arrow(_in_utc(whole))).sort(SOURCE_ROW).drop(SOURCE_ROW)


def _in_utc(table: pa.Table) -> pa.Table:
    """Moments keep their value, whatever zone the source shows them in."""
    fields = [
        field.with_type(pa.timestamp("us", "UTC")) if pa.types.is_timestamp(field.type) and field.type.tz else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
