"""An oversized part cut into small ones of whole borrowers, in one pass over its files and little memory."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from book.contract import TABLES
from book.load.layout import Part

ROW: Final = "_row"
"""The column with the number of each row in its source, from 0 through all files of a table."""
MOST_ROWS: Final = 600_000
"""Most rows of all tables together that are read at a time."""
BATCH: Final = 250_000
MOST_HELD: Final = 500_000
"""Rows held back before they are written: rows in no order would make too many small row groups."""
_CSV_ROW: Final = 64  # bytes of a row of CSV, about
_GROUP: Final = "_group"


def small_parts(parts: Sequence[Part], folder: Path, most: int = MOST_ROWS) -> Iterator[Part]:
    """The parts, in order; those with more than `most` rows cut into smaller ones, written under `folder`.

    A part is cut when the iterator reaches it. Cut parts hold the same rows with the same numbers.
    """
    for part in parts:
        if part.slice and part.slice[0]:
            continue  # the first slice stands for all of them
        n = -(-about_rows(part) // most)
        if n <= 1 or not can_be_cut(part):
            yield replace(part, slice=None)
        else:
            yield from cut(part, n, folder / (part.name or "book"))


def about_rows(part: Part) -> int:
    """Rows of all tables of a part, guessed by size for CSV; files that cannot be read count as empty."""
    return sum(_rows(path) for files in part.files.values() for path in files)


def _rows(path: Path) -> int:
    try:
        return path.stat().st_size // _CSV_ROW if path.suffix == ".csv" else int(pq.read_metadata(path).num_rows)
    except (OSError, ValueError):
        return 0  # loading will say so


def can_be_cut(part: Part) -> bool:
    """Whether the loans say whose they are."""
    try:
        return bool(part.files.get("loans")) and all(
            {"loan_id", "borrower_id"} <= set(_scan(path).collect_schema().names()) for path in part.files["loans"]
        )
    except (pl.exceptions.PolarsError, OSError):
        return False


def whole(part: Part) -> Part:
    """A slice of a part as a part of its own, in files that live as long as this process; other parts as they are.

    The files are written when the first slice is asked for, all slices in one pass.
    """
    if part.slice is None:
        return part
    k, n = part.slice
    found = _slices(tuple(part.files.items()), n)[1][k]
    return replace(part, files=found.files, slice=None)


@lru_cache(maxsize=2)
def _slices(files: tuple[tuple[str, tuple[Path, ...]], ...], n: int) -> tuple[TemporaryDirectory[str], list[Part]]:
    folder = TemporaryDirectory(prefix="loanwatch-")
    return folder, list(cut(Part("", dict(files)), n, Path(folder.name)))


def cut(part: Part, n: int, folder: Path) -> Iterator[Part]:
    """`n` parts with about the same number of borrowers; rows of unknown owners go with the first."""
    groups = _groups(part, n)
    for name, files in part.files.items():
        first = 0
        for k, path in enumerate(files):
            first += _spread(path, name, groups, folder, f"{k:05d}.parquet", first)
    empty = {name: _scan(files[0]).head(0).collect().with_row_index(ROW) for name, files in part.files.items()}
    for g in range(n):
        held = {name: _held(folder / f"{g:05d}" / name, none) for name, none in empty.items()}
        rest = replace(part, name=f"{part.name or 'book'}-{g:05d}", files=held, slice=None)
        yield rest if g == 0 else replace(rest, unknown=(), twice=())


def _held(folder: Path, none: pl.DataFrame) -> tuple[Path, ...]:
    """The files of one table of a group; an empty one where it has no row: a table that is there is not missing."""
    found = tuple(sorted(folder.glob("*.parquet")))
    if not found:
        folder.mkdir(parents=True, exist_ok=True)
        found = (folder / "none.parquet",)
        none.write_parquet(found[0])
    return found


def _scan(path: Path) -> pl.LazyFrame:
    return pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)


def _groups(part: Part, n: int) -> Mapping[str, pl.DataFrame]:
    """The group of every loan and of every borrower: frames of id and group.

    Borrowers are grouped as they come: rows in the same order then go to few groups at a time.
    """
    scans = [_scan(path).select(pl.col("loan_id", "borrower_id").cast(pl.String)) for path in part.files["loans"]]
    loans = pl.concat(scans).collect()
    borrowers = loans.select("borrower_id").unique(maintain_order=True).with_row_index(_GROUP)
    size = math.ceil(max(len(borrowers), 1) / n)
    borrowers = borrowers.select("borrower_id", (pl.col(_GROUP) // size).cast(pl.UInt16))
    by_loan = loans.unique("loan_id", keep="first").join(borrowers, on="borrower_id", how="left", nulls_equal=True)
    return {"loan_id": by_loan.select("loan_id", _GROUP), "borrower_id": borrowers}


def _spread(path: Path, table: str, groups: Mapping[str, pl.DataFrame], folder: Path, name: str, first: int) -> int:
    """Write the rows of one file, numbered from `first`, to the groups they belong to; returns how many there are."""
    owner = "loan_id" if TABLES[table].owner == "loan" and table != "loans" else "borrower_id"
    out, rows = _Spread(folder, table, name), 0
    try:
        for batch in _scan(path).collect_batches(chunk_size=BATCH, maintain_order=True):
            numbered = batch.with_row_index(ROW, offset=first + rows)
            for (g,), found in _grouped(numbered, owner, groups[owner]).group_by([_GROUP], maintain_order=True):
                out.add(g, found.drop(_GROUP))
            rows += len(batch)
        out.write()
    finally:
        out.close()
    return rows


def _grouped(batch: pl.DataFrame, owner: str, groups: pl.DataFrame) -> pl.DataFrame:
    if owner not in batch.columns:
        return batch.with_columns(pl.lit(0, pl.UInt16).alias(_GROUP))
    found = batch.with_columns(pl.col(owner).cast(pl.String)).join(groups, on=owner, how="left", maintain_order="left")
    return found.with_columns(pl.col(_GROUP).fill_null(0))


class _Spread:
    """The files of one table, one a group; rows are held back until there are enough to write."""

    def __init__(self, folder: Path, table: str, name: str) -> None:
        self._place = (folder, table, name)
        self._held: defaultdict[int, list[pl.DataFrame]] = defaultdict(list)
        self._rows = 0
        self._writers: dict[int, pq.ParquetWriter] = {}

    def add(self, group: int, rows: pl.DataFrame) -> None:
        self._held[group].append(rows)
        self._rows += len(rows)
        if self._rows >= MOST_HELD:
            self.write()

    def write(self) -> None:
        """Write what is held."""
        folder, table, name = self._place
        for group, frames in self._held.items():
            found = pl.concat(frames).to_arrow(compat_level=pl.CompatLevel.oldest())
            if group not in self._writers:
                target = folder / f"{group:05d}" / table / name
                target.parent.mkdir(parents=True, exist_ok=True)
                self._writers[group] = pq.ParquetWriter(
                    target, found.schema, compression="lz4", store_decimal_as_integer=True
                )
            self._writers[group].write_table(found)
        self._held.clear()
        self._rows = 0

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()
