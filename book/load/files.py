"""Files of a part as raw tables: all known columns, with the number of each row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from book.check.findings import Findings
from book.contract import TABLES, Table
from book.errors import nearest
from book.load.layout import Part, nearest_table
from book.load.regroup import ROW, whole

_BROKEN: Final = (pl.exceptions.PolarsError, OSError, UnicodeDecodeError)


def raw_tables(part: Part, findings: Findings) -> dict[str, pl.DataFrame]:
    """The tables of a part as they stand in its files, plus the column `ROW` (from 0 through all files of a table).

    Missing tables and columns, unknown ones and files that cannot be read go to `findings`.
    """
    part = whole(part)
    for name in part.unknown:
        findings.whole("unknown_table", name, nearest=nearest_table(name))
    for name in part.twice:
        findings.whole("two_sources", name, allowed="one file, or one folder of files, per table")
    raw = {}
    for name, table in TABLES.items():
        files = part.files.get(name, ())
        if not files and table.required:
            findings.whole("missing_table", name, allowed=f"{name}.parquet, {name}.csv or a folder {name}")
        elif files:
            frame = _joined(table, files, findings)
            if frame is not None:
                numbered = frame if ROW in frame.columns else frame.with_row_index(ROW)
                raw[name] = _known(table, numbered, findings)
    return raw


def raw_frames(frames: Mapping[str, pl.DataFrame], findings: Findings) -> dict[str, pl.DataFrame]:
    """As `raw_tables`, for tables at hand: what `frames` holds, by name of the table, its rows in source order."""
    for name in frames:
        if name not in TABLES:
            findings.whole("unknown_table", name, nearest=nearest_table(name))
    for name, table in TABLES.items():
        if table.required and name not in frames:
            findings.whole("missing_table", name, allowed=f"a table {name}")
    return {
        name: _known(table, frames[name].with_row_index(ROW), findings)
        for name, table in TABLES.items()
        if name in frames
    }


def _joined(table: Table, files: tuple[Path, ...], findings: Findings) -> pl.DataFrame | None:
    frames = []
    for path in files:
        try:
            frames.append(pl.read_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.read_parquet(path))
        except _BROKEN as error:
            findings.whole("unreadable_file", table.name, got=f"{path.name}: {_first_line(error)}")
    if len(frames) < len(files):
        return None
    try:
        whole = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed")
    except _BROKEN as error:
        findings.whole("wrong_type", table.name, got=f"files that differ: {_first_line(error)}")
        return None
    return whole


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _known(table: Table, frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    for name in frame.columns:
        if name != ROW and name not in table.names:
            findings.whole("unknown_column", table.name, name, nearest=nearest(name, table.names))
    for column in table.columns:
        if column.required and column.name not in frame.columns:
            near = nearest(column.name, tuple(frame.columns))
            findings.whole("missing_column", table.name, column.name, nearest=near)
    return frame.select(ROW, *(name for name in table.names if name in frame.columns))
