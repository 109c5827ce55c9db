"""`loanwatch import`: books from public sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import progress, say

EXAMPLES = """
Example:

  loanwatch import abs-ee data/auto_abs_2017 out/auto
"""


def register(app: typer.Typer) -> None:
    """Add the group of importers."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command("abs-ee", epilog=EXAMPLES)(abs_ee)
    group.callback()(sources)
    app.add_typer(group, name="import")


def sources() -> None:
    """Turn a public source of loan data into a book."""


def abs_ee(
    folder: Annotated[Path, typer.Argument(help="Folder with loans.parquet and monthly_panel.parquet.")],
    out: Annotated[Path, typer.Argument(help="New folder for the book.")],
) -> None:
    """Auto loans of SEC Form ABS-EE: dates by month, dues derived, default is charge-off.

    docs/sources/abs-ee.md says where the originals are and how each field is used.
    """
    from book.sources.abs_ee import import_abs_ee

    with progress("Importing") as step:
        rows = import_abs_ee(folder, out, progress=step)
    say(", ".join(f"{count:,} {name}" for name, count in rows.items()))
    say(f"Next: loanwatch check {out}")
