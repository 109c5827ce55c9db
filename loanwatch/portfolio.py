"""`loanwatch portfolio`: the state of the book at a month end, as a page and CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import DemoKey, demo_key, month, progress, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("portfolio")(portfolio)


def portfolio(
    book: Annotated[Path, typer.Argument(help="Folder of the book, or the URL of its database.")],
    last: Annotated[str, typer.Option("--to", help="Month whose end is looked at, YYYY-MM.")],
    months: Annotated[int, typer.Option(min=2, max=240, help="Months looked back.")] = 36,
    out: Annotated[Path, typer.Option(help="Folder for the pack.")] = Path("out/portfolio"),
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at work; one a core if not given.")] = None,
    demo: DemoKey = False,
) -> None:
    """State of the book: arrears, roll rates, vintages, first payments, recovery, defaults by segment.

    Example: loanwatch portfolio BOOK --to 2024-12 --out out/portfolio
    """
    import numpy as np

    from book.clock import month_end
    from book.load import open_book
    from monitoring.portfolio.figures import figures
    from monitoring.portfolio.gather import gather
    from reports.book.files import write_pack

    if demo:
        demo_key()
    end = month(last, "--to")
    first_day, last_day = month_end(np.array([end - months + 1, end])).tolist()
    source = open_book(book)
    with progress("Month-end states") as step:
        rows = gather(source, first_day, last_day, out.with_name(out.name + "-rows"), step, workers)
    page = write_pack(figures(rows), rows, out, source.settings.currency, source.settings.timezone)
    say(f"The state of the book at the end of {last} is in {page}; every figure also as CSV beside it.")
