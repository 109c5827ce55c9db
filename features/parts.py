"""Some parts of a book measured and written by month: what a worker process does."""

from __future__ import annotations

import gc
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from book.load import Part, load
from book.settings import Settings
from features.catalogue import Catalogue
from features.context_file import read_context
from features.measuring import in_chunks
from features.own import catalogue_with

FEW_WORDS = ("status", "product", "bucket", "exit")
"""Columns of the panel with a few words, each many times."""


@dataclass(frozen=True)
class PieceOfWork:
    """Parts of a book to be measured on `days` into the folder `work`; `own` are files with features of one's own.

    `context` is the file with the figures of cohorts. `catalogue` is given only where the work is done in this process.
    """

    number: int
    parts: tuple[Part, ...]
    settings: Settings
    days: tuple[int, ...]
    work: Path
    own: tuple[Path, ...] = ()
    catalogue: Catalogue | None = None
    context: Path | None = None

    @property
    def done(self) -> Path:
        """The note that the piece is done: what was counted."""
        return self.work / f"part-{self.number:05d}.done"

    def portable(self) -> PieceOfWork:
        """The same, fit to be sent to another process."""
        lags = dict(self.settings.posting_lag_days)
        return replace(self, settings=replace(self.settings, posting_lag_days=lags))


@dataclass(frozen=True)
class Counts:
    """What was measured: rows by month, rows of each table read, and values observed by column."""

    rows: Counter[str]
    tables: Counter[str]
    observed: Counter[str]

    @classmethod
    def none(cls) -> Counts:
        """Nothing yet."""
        return cls(Counter(), Counter(), Counter())

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(Counter(a) + Counter(b) for a, b in zip(self.lists(), other.lists(), strict=True)))

    def lists(self) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """The three counts."""
        return self.rows, self.tables, self.observed

    @classmethod
    def read(cls, note: Path) -> Counts:
        """The counts in a note."""
        return cls.of_text(note.read_text())

    @classmethod
    def of_text(cls, text: str) -> Counts:
        """The counts in what `text` gave."""
        return cls(*(Counter(one) for one in json.loads(text)))

    def text(self) -> str:
        """The counts as JSON."""
        return json.dumps(self.lists())

    def write(self, note: Path) -> None:
        """Write a note, whole or not at all."""
        unfinished = note.with_suffix(".tmp")
        unfinished.write_text(self.text())
        os.replace(unfinished, note)


def measure_parts(piece: PieceOfWork) -> Counts:
    """Measure parts one after the other, write the rows of all as `work`/as_of=DATE/part-NNNNN.parquet and note it."""
    gc.freeze()  # what is imported is not looked through again and again
    catalogue = piece.catalogue or catalogue_with(piece.own)
    context = read_context(piece.context) if piece.context else None
    counts = Counts.none()
    frames: list[pl.DataFrame] = []
    for part in piece.parts:
        loaded = load(part, piece.settings)
        counts.tables.update(loaded.report.rows)
        days = np.array(piece.days, np.int32)
        for frame in in_chunks(loaded.tables, days, piece.settings, catalogue, context=context):
            counts.observed.update(observed_in(frame, catalogue.all_names))
            frames.append(frame)
        del loaded
    counts.rows.update(write_months(frames, piece.work, piece.number))
    counts.write(piece.done)
    return counts


def observed_in(frame: pl.DataFrame, names: tuple[str, ...]) -> dict[str, int]:
    """How many values of each column are not missing."""
    known = frame.select(pl.col(*names).is_not_nan().sum())
    return {name: int(count) for name, count in zip(names, known.row(0), strict=True)}


def write_months(frames: list[pl.DataFrame], work: Path, number: int) -> dict[str, int]:
    """Write the rows of all frames, a file for each as_of; returns how many rows each has. Empties `frames`."""
    if not frames:
        return {}
    day = np.concatenate([frame["as_of"].to_physical().to_numpy() for frame in frames])
    table = _in_order(frames, np.argsort(day, kind="stable"))
    start, written = 0, {}
    for number_of_day, count in zip(*np.unique(day, return_counts=True), strict=True):
        as_of = str(np.datetime64(int(number_of_day), "D"))
        folder = work / f"as_of={as_of}"
        folder.mkdir(exist_ok=True)
        _write(table.slice(start, count), folder / f"part-{number:05d}.parquet")
        start, written[as_of] = start + int(count), int(count)
    return written


def _in_order(frames: list[pl.DataFrame], order: NDArray[np.intp]) -> pa.Table:
    """The rows of all frames in a new order, each column in one piece; empties `frames` on the way.

    Features are NaN where they are not observed, never null, and say so.
    """
    columns = {name: [frame[name] for frame in frames] for name in frames[0].columns}
    frames.clear()
    arrays = {name: _gathered(columns.pop(name), order) for name in list(columns)}
    fields = [pa.field(name, each.type, not pa.types.is_float32(each.type)) for name, each in arrays.items()]
    return pa.table(list(arrays.values()), schema=pa.schema(fields))


def _gathered(pieces: Sequence[pl.Series], order: NDArray[np.intp]) -> pa.Array:
    """The values of all pieces of a column in a new order, in one piece."""
    kind = pieces[0].head(0).to_arrow(compat_level=pl.CompatLevel.oldest()).type
    if not pa.types.is_primitive(kind) or pa.types.is_boolean(kind) or any(piece.null_count() for piece in pieces):
        return pl.concat(pieces).gather(pl.Series(order)).to_arrow(compat_level=pl.CompatLevel.oldest())
    values = np.concatenate([piece.to_physical().to_numpy() for piece in pieces])[order]
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _write(rows: pa.Table, path: Path) -> None:
    """Write one file, quickly: a dictionary only where words are few, floats as they are, no statistics."""
    file = pa.BufferOutputStream()
    pq.write_table(
        rows, file, compression="lz4", use_dictionary=list(FEW_WORDS), write_statistics=False, store_schema=False,
        write_batch_size=max(len(rows), 1),
    )  # fmt: skip
    path.write_bytes(file.getvalue())
