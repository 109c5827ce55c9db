"""What every command shares at the terminal: progress, dates, the id key, refusals."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from book.errors import Fault, Refusal

_OUT = Console(highlight=False)
_ERR = Console(stderr=True, highlight=False)
_EPOCH = date(1970, 1, 1).toordinal()
_SHOWN_FAULTS = 50

Step = Callable[[int, int], None]
DemoKey = Annotated[bool, typer.Option("--demo", help="Take the demo key for ids; simulated books only.")]

SparkMaster = Annotated[str | None, typer.Option("--spark", help="Run on Apache Spark: a master, such as local[2].")]
OwnFeatures = Annotated[
    list[Path] | None, typer.Option("--with", help="Python file with features of your own; may be given again.")
]


def say(text: str = "") -> None:
    """Print one plain line to stdout."""
    _OUT.print(escape(text), soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a small table to stdout; the first column is left-aligned, the others right-aligned."""
    _OUT.print(_grid(title, columns, rows, justify="right"))


def _grid(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], justify: Any = "left") -> Table:
    grid = Table(title=escape(title) or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for position, name in enumerate(columns):
        grid.add_column(name, justify=justify if position else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(escape(str(value)) for value in row))
    return grid


@contextmanager
def progress(description: str) -> Iterator[Step]:
    """A progress bar on stderr; yields `step(done, total)`, which library functions call as they go."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_ERR) as bar:
        task = bar.add_task(description, total=None)

        def step(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield step
        total = bar.tasks[task].total
        bar.update(task, total=total or 1, completed=total or 1)


def day(text: str, option: str = "--as-of") -> int:
    """The days since 1970-01-01 of an ISO date; a date that does not exist ends the command (exit code 2)."""
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != text:
        raise typer.BadParameter(f"{option}: got {text!r}, allowed is a date as YYYY-MM-DD, such as 2024-06-30")
    return parsed.toordinal() - _EPOCH


def month(text: str, option: str) -> int:
    """The months since 1970-01 of YYYY-MM; anything else ends the command (exit code 2)."""
    year, _, number = text.partition("-")
    well_formed = len(year) == 4 and len(number) == 2 and (year + number).isdecimal()
    if not well_formed or not 1 <= int(number) <= 12:
        raise typer.BadParameter(f"{option}: got {text!r}, allowed is a month as YYYY-MM, such as 2024-06")
    return (int(year) - 1970) * 12 + int(number) - 1


def demo_key() -> None:
    """Let this process use the published demo key for pseudonyms where none is set; never on a real book."""
    os.environ.setdefault("LOANWATCH_DEMO", "1")


def fail(refusal: Refusal) -> NoReturn:
    """End the command with exit code 2: what is refused, or the table of its faults, on stderr."""
    report = getattr(refusal, "report", refusal)
    faults: Sequence[Fault] = getattr(report, "faults", ())
    if faults:
        counts: Mapping[object, int] = getattr(report, "counts", {})
        _ERR.print(_fault_table(faults, max(sum(counts.values()), len(faults))))
    else:
        _ERR.print(f"[bold red]refused:[/] {escape(str(refusal))}", soft_wrap=True)
    raise SystemExit(2)


def _fault_table(faults: Sequence[Fault], total: int) -> Table:
    shown = faults[:_SHOWN_FAULTS]
    title = f"refused: {total:,} faults" + (f", the first {len(shown)}" if len(shown) < total else "")
    rows = [[f.where, f.what, f.got, f.allowed, f.nearest, f.code] for f in shown]
    columns = ("where", "what", "got", "allowed", "nearest", "code")
    filled = [i for i in range(len(columns)) if any(row[i] for row in rows)]
    return _grid(title, [columns[i] for i in filled], [[row[i] for i in filled] for row in rows])
