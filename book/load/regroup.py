"""An oversized part cut into small ones of whole borrowers, in one pass over its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from book.contract import TABLES
from book.load.layout import Part

MOST_ROWS: Final = 600_000
"""Most rows of all tables together that are read at a time: about 350 MiB while they are checked."""
BATCH: Final = 200_000
_GROUP: Final = "_group"


def small_parts(parts: Sequence[Part], folder: Path, most: int = MOST_ROWS) -> Iterator[Part]:
    """The parts, in order; those with more than `most` rows cut into smaller ones, written under `folder`.

    A part is cut when the iterator reaches it. Cut parts hold the same rows, so features are the same; row numbers are
    not those of the source any more (`check` is what reports on the source).
    """
    for part in parts:
        if part.slice and part.slice[0]:
            continue  # the first slice stands for all of them
        n = -(-_rows(part) // most)
        if n <= 1 or not part.files.get("loans"):
            yield replace(part, slice=None)
        else:
            yield from _cut(part, n, folder / (part.name or "book"))


def _rows(part: Part) -> int:
    return sum(int(_scan(path).select(pl.len()).collect().item()) for files in part.files.values() for path in files)


def _scan(path: Path) -> pl.LazyFrame:
    return pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)


def _cut(part: Part, n: int, folder: Path) -> Iterator[Part]:
    """`n` parts with about the same number of borrowers; rows of unknown owners go with the first."""
    groups = _groups(part, n)
    for name, files in part.files.items():
        for k, path in enumerate(files):
            _spread(path, name, groups, folder, f"{k:05d}.parquet")
    for g in range(n):
        held = {name: tuple(sorted((folder / f"{g:05d}" / name).glob("*.parquet"))) for name in part.files}
        there = {name: found for name, found in held.items() if found}
        rest = replace(part, name=f"{part.name or 'book'}-{g:05d}", files=there, slice=None)
        yield rest if g == 0 else replace(rest, unknown=(), twice=())


def _groups(part: Part, n: int) -> Mapping[str, pl.DataFrame]:
    """The group of every loan and of every borrower: frames of id and group."""
    scans = [_scan(path).select(pl.col("loan_id", "borrower_id").cast(pl.String)) for path in part.files["loans"]]
    group = (pl.col("borrower_id").hash(0) % n).cast(pl.UInt16).alias(_GROUP)
    loans = pl.concat(scans).with_columns(group).collect()
    return {owner: loans.select(owner, _GROUP).unique(owner, keep="first") for owner in ("loan_id", "borrower_id")}


def _spread(path: Path, table: str, groups: Mapping[str, pl.DataFrame], folder: Path, name: str) -> None:
    """Write the rows of one file to the groups they belong to, some thousand at a time."""
    owner = "loan_id" if TABLES[table].owner == "loan" and table != "loans" else "borrower_id"
    writers: dict[int, pq.ParquetWriter] = {}
    try:
        for batch in _scan(path).collect_batches(chunk_size=BATCH, maintain_order=True):
            for (g,), rows in _grouped(batch, owner, groups[owner]).group_by([_GROUP], maintain_order=True):
                found = rows.drop(_GROUP).to_arrow()
                if g not in writers:
                    target = folder / f"{g:05d}" / table / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    writers[g] = pq.ParquetWriter(target, found.schema, compression="lz4")
                writers[g].write_table(found)
    finally:
        for writer in writers.values():
            writer.close()


def _grouped(batch: pl.DataFrame, owner: str, groups: pl.DataFrame) -> pl.DataFrame:
    if owner not in batch.columns:
        return batch.with_columns(pl.lit(0, pl.UInt16).alias(_GROUP))
    found = batch.with_columns(pl.col(owner).cast(pl.String)).join(groups, on=owner, how="left", maintain_order="left")
    return found.with_columns(pl.col(_GROUP).fill_null(0))
