"""`loanwatch check`: every fault of a book, before anything is computed from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanwatch.console import DemoKey, demo_key, progress, say, table

if TYPE_CHECKING:
    from book.check.report import CheckReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    book: Annotated[Path, typer.Argument(help="Folder of the book.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for faults.csv and the rows set aside (with the book's own ids)."),
    ] = None,
    demo: DemoKey = False,
) -> None:
    """Check a book against the input contract; exit code 2 where it must be refused."""
    from book.check.book import FAULTS_FILE, QUARANTINE_FOLDER, check_book
    from book.errors import Refused
    from book.load import open_book

    if demo:
        demo_key()
    opened = open_book(book)
    with progress("Checking the book") as step:
        report = check_book(opened, out, progress=step)
    _show(report)
    if out is not None:
        say(f"All faults are in {out / FAULTS_FILE}, the rows set aside in {out / QUARANTINE_FOLDER}.")
    if report.refused:
        raise Refused(report)
    aside = sum(report.quarantined.values())
    say(f"The book is accepted; {aside:,} rows are set aside." if aside else "The book is accepted.")


def _show(report: CheckReport) -> None:
    """Rows by table, then numbers of faults by kind."""
    from book.check.codes import CODES

    columns = ("table", "rows", "set aside", "repeated", "posting assumed")
    rows = [
        (
            name,
            f"{n:,}",
            f"{report.quarantined.get(name, 0):,}",
            f"{report.dropped.get(name, 0):,}",
            f"{report.assumed.get(name, 0) / n:.1%}" if n else "",
        )
        for name, n in report.rows.items()
    ]
    table("Rows", columns, rows)
    if report.counts:
        found = [
            (CODES[code].what, name, CODES[code].effect.value, f"{n:,}") for (name, code), n in report.counts.items()
        ]
        table("Faults and warnings", ("what", "table", "effect", "times"), found)
