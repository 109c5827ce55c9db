"""`loanwatch demo`: the whole way once, from a book to pages that people read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import demo_key


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    book: Annotated[Path | None, typer.Option(help="Folder of your own book; by default one is simulated.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for everything, replaced as a whole.")] = Path("demo"),
    loans: Annotated[int, typer.Option(help="Loans to simulate.", min=1)] = 20_000,
    months: Annotated[int, typer.Option(help="Months to simulate.", min=6)] = 48,
    seed: Annotated[int, typer.Option(help="Seed of the simulation.", min=0)] = 7,
) -> None:
    """Simulate a book, check it, train a model, score the latest month, write reports and a start page.

    Ids are pseudonymised with the demo key where LOANWATCH_ID_KEY is not set.
    """
    from loanwatch.walk import Walk

    demo_key()
    Walk(out, book, loans, months, seed).go()
