"""Checking a whole book: all faults of all parts, bad rows to Parquet, faults to CSV."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from book.check.codes import CODES
from book.check.findings import Findings
from book.check.report import CheckReport, merged
from book.check.show import day
from book.contract import TABLES
from book.contract.limits import FIRST_DAY, MICROSECONDS_A_DAY
from book.encoding.frames import event_days
from book.errors import Fault
from book.load import Book
from book.load.part import Examined, examine
from book.load.regroup import ROW
from book.pseudonym import Pseudonyms, pseudonyms_from_environment

FAULTS_FILE: Final = "faults.csv"
QUARANTINE_FOLDER: Final = "quarantine"
STALE_DAYS: Final[Mapping[str, int]] = {"cashflow": 45, "external_debts": 90}
"""Age in days from which the newest row of a feed counts as stale."""
_COLUMNS: Final = ("effect", "part", "table", "row", "column", "code", "what", "got", "allowed", "nearest")
Step = Callable[[int, int], None]


@dataclass
class _Seen:
    """What must be kept from part to part."""

    loans: dict[str, str] = field(default_factory=dict)
    borrowers: dict[str, str] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    quarantine: dict[str, list[pl.DataFrame]] = field(default_factory=dict)


def check_book(
    book: Book,
    out: Path | str | None = None,
    progress: Step | None = None,
    pseudonyms: Pseudonyms | None = None,
) -> CheckReport:
    """Check all parts of a book; nothing is raised for what is found.

    With `out`, writes OUT/faults.csv (one line per fault and warning) and OUT/quarantine/<table>.parquet: the
    rows set aside as they stand in the source, with their part, row number (from 1) and reason codes. They hold
    the source's own ids. Each file appears whole or not at all.
    """
    secret = pseudonyms or pseudonyms_from_environment()
    seen, reports = _Seen(), []
    for k, part in enumerate(book.parts):
        examined = examine(part, book.settings, secret)
        _remember(seen, examined, book)
        reports.append(examined.findings.report())
        if progress is not None:
            progress(k + 1, len(book.parts))
    reports.append(_stale(seen, book))
    report = merged(reports)
    if out is not None:
        _write(Path(out), report, seen.quarantine)
    return report


def _remember(seen: _Seen, examined: Examined, book: Book) -> None:
    findings, made = examined.findings, examined.made
    for table, frame in examined.raw.items():
        reasons = findings.reasons(table)
        if reasons:
            seen.quarantine.setdefault(table, []).append(_set_aside(frame, reasons, findings.part))
    if made is None:
        return
    for table in (*STALE_DAYS, "payments"):
        days = event_days(TABLES[table], made.tables[table].columns, book.settings) if table in made.tables else None
        if days is not None and len(days):
            seen.newest[table] = max(seen.newest.get(table, FIRST_DAY), int(days.max()))
    if not findings.part.startswith("group-"):
        _whole(seen.loans, made.register.loans, "split_loan", findings)
        _whole(seen.borrowers, made.register.borrowers, "split_borrower", findings)


def _set_aside(frame: pl.DataFrame, reasons: Mapping[int, list[str]], part: str) -> pl.DataFrame:
    """The rows with `reasons` as text, and where they stand."""
    rows = frame.filter(pl.col(ROW).is_in(list(reasons)))
    why = pl.Series("reasons", [" ".join(reasons[row]) for row in rows[ROW].to_list()], pl.String)
    place: list[pl.Expr | pl.Series] = [pl.lit(part).alias("part"), (pl.col(ROW) + 1).cast(pl.Int64).alias("row"), why]
    return rows.select(*place, pl.exclude(ROW).cast(pl.String))


def _whole(places: dict[str, str], here: Mapping[str, int], code: str, findings: Findings) -> None:
    """Loans and borrowers must be in one part only."""
    shared = places.keys() & here.keys()
    if shared:
        parts = ", ".join(sorted({places[name] for name in shared})[:5])
        findings.whole(code, "loans", got=f"{len(shared):,} also in {parts}", allowed="one part each")
    places.update(dict.fromkeys(here, findings.part))


def _stale(seen: _Seen, book: Book) -> CheckReport:
    """Warnings about feeds whose newest row is old, against the newest payment or the day of receipt."""
    findings = Findings()
    received = book.settings.received_at
    today = seen.newest.get("payments") if received is None else received // MICROSECONDS_A_DAY
    for table, most in STALE_DAYS.items():
        newest = seen.newest.get(table)
        if today is not None and newest is not None and today - newest > most:
            got = f"newest row of {day(newest)}, book to {day(today)}"
            findings.whole("stale_feed", table, got=got, allowed=f"at most {most} days")
    return replace(findings.report(), rows={}, quarantined={}, dropped={}, assumed={})


def _write(out: Path, report: CheckReport, quarantine: Mapping[str, list[pl.DataFrame]]) -> None:
    folder = out / QUARANTINE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for table, frames in quarantine.items():
        whole = pl.concat(frames, how="diagonal")
        _placed(folder / f"{table}.parquet", whole.write_parquet)
    for path in folder.glob("*.parquet"):
        if path.stem not in quarantine:
            path.unlink()
    lines = [_line(fault) for fault in (*report.faults, *report.warnings)]
    schema = {name: pl.Int64 if name == "row" else pl.String for name in _COLUMNS}
    _placed(out / FAULTS_FILE, pl.DataFrame(lines, schema=schema, orient="row").write_csv)


def _line(fault: Fault) -> tuple[str | int | None, ...]:
    return (
        CODES[fault.code].effect.value,
        fault.part,
        fault.table,
        fault.row,
        fault.column,
        fault.code,
        fault.what,
        fault.got,
        fault.allowed,
        fault.nearest,
    )


def _placed(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, then put it there at once."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
