"""One part of a book: read, checked and made into tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.check.clean import Clean, clean
from book.check.findings import Findings
from book.check.report import CheckReport
from book.contract import REQUIRED_TABLES, TABLES
from book.encoding.columns import Read, Words
from book.errors import Refused
from book.load.cells import Cells
from book.load.files import raw_frames, raw_tables
from book.load.layout import Part
from book.load.regroup import ROW
from book.load.series import read_series
from book.pseudonym import Pseudonyms, pseudonyms_from_environment
from book.settings import Settings
from book.tables import Array, Tables


@dataclass(frozen=True)
class Loaded:
    """The tables of a part, ready for use, and what was found on the way."""

    tables: Tables
    report: CheckReport
    examined: Examined

    def kept(self) -> dict[str, Read]:
        """The rows as read, in source order, without those that were set aside: what the store keeps of a book."""
        findings = self.examined.findings
        return {name: _without(read, findings.set_aside(name)) for name, read in self.examined.reads.items()}


@dataclass(frozen=True)
class Examined:
    """All that reading and checking a part gave; `made` is None where it could not be checked row by row.

    `reads` are the rows that could be read, by table, as they went into the checks.
    """

    raw: Mapping[str, pl.DataFrame]
    findings: Findings
    made: Clean | None
    reads: Mapping[str, Read]


def load(part: Part, settings: Settings, pseudonyms: Pseudonyms | None = None) -> Loaded:
    """The tables of a part with bad rows set aside and ids pseudonymised (environment's key if none is given).

    Raises Refused, with every fault found, where the contract refuses the batch; a part is a batch, so the limit of
    quarantined rows holds for each part.
    """
    return _accepted(examine(part, settings, pseudonyms or pseudonyms_from_environment()))


def load_frames(
    frames: Mapping[str, pl.DataFrame], settings: Settings, pseudonyms: Pseudonyms | None = None, name: str = ""
) -> Loaded:
    """As `load`, for some borrowers whose tables are at hand; `name` is what the faults call them."""
    findings = Findings(part=name)
    raw = raw_frames(frames, findings)
    return _accepted(_examined(raw, findings, settings, pseudonyms or pseudonyms_from_environment()))


def _accepted(seen: Examined) -> Loaded:
    if seen.made is None or seen.findings.must_refuse:
        raise Refused(seen.findings.report())
    return Loaded(seen.made.tables, seen.findings.report(), seen)


def examine(part: Part, settings: Settings, pseudonyms: Pseudonyms) -> Examined:
    """Read and check a part without refusing.

    Rows with values that cannot be read do not take part in the row checks; where a loan is among them, or a required
    table or column is missing, the rows are not checked at all.
    """
    findings = Findings(part=part.name)
    return _examined(raw_tables(part, findings), findings, settings, pseudonyms)


def _examined(
    raw: Mapping[str, pl.DataFrame], findings: Findings, settings: Settings, pseudonyms: Pseudonyms
) -> Examined:
    reads = {name: _read(name, frame, findings) for name, frame in raw.items()}
    made, whole = None, {}
    if _checkable(raw, findings):
        whole = {name: _readable(read, findings) for name, read in reads.items() if _complete(name, raw[name])}
        made = clean(whole, settings, pseudonyms, findings)
    for name, frame in raw.items():
        findings.rows[name] = len(frame)
    findings.limit()
    return Examined(raw, findings, made, whole)


def _read(name: str, frame: pl.DataFrame, findings: Findings) -> Read:
    table = TABLES[name]
    rows = frame[ROW].to_numpy().astype(np.int64)
    columns: dict[str, Array | Words] = {}
    for column in table.columns:
        if column.name in frame.columns:
            columns[column.name] = read_series(Cells(name, column, frame[column.name], rows, findings))
    return Read(table, columns, rows)


def _complete(name: str, frame: pl.DataFrame) -> bool:
    return all(column.name in frame.columns for column in TABLES[name].columns if column.required)


def _checkable(raw: Mapping[str, pl.DataFrame], findings: Findings) -> bool:
    there = all(name in raw and _complete(name, raw[name]) for name in REQUIRED_TABLES)
    return there and not len(findings.unread("loans"))


def _readable(read: Read, findings: Findings) -> Read:
    """The rows of a table whose values could all be read."""
    return _without(read, findings.unread(read.table.name))


def _without(read: Read, bad: NDArray[np.int64]) -> Read:
    """The rows of a table but those at source rows `bad`."""
    if not len(bad):
        return read
    good = ~np.isin(read.rows, bad)
    columns = {
        name: column.at(good) if isinstance(column, Words) else column[good] for name, column in read.columns.items()
    }
    return Read(read.table, columns, read.rows[good])
