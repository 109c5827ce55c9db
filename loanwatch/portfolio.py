"""`loanwatch portfolio`: the state of the book at a month end, as a page and CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanwatch.console import DemoKey, demo_key, month, progress, say
from loanwatch.journal import DEFAULT_SEGMENTS, SegmentsFolder

if TYPE_CHECKING:
    from monitoring.portfolio.decided import Decided
    from monitoring.portfolio.gather import Rows


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("portfolio")(portfolio)


def portfolio(
    book: Annotated[Path, typer.Argument(help="Folder of the book, or the URL of its database.")],
    last: Annotated[str, typer.Option("--to", help="Month whose end is looked at, YYYY-MM.")],
    months: Annotated[int, typer.Option(min=2, max=240, help="Months looked back.")] = 36,
    out: Annotated[Path, typer.Option(help="Folder for the pack.")] = Path("out/portfolio"),
    journal: Annotated[
        str,
        typer.Option(
            envvar="LOANWATCH_JOURNAL",
            help="URL of the journal: five classes, tiers, alerts and the queue are read from it and its nights.",
        ),
    ] = "",
    segments: SegmentsFolder = DEFAULT_SEGMENTS,
    panel: Annotated[
        Path | None, typer.Option(help="Panel of `loanwatch features` on this book, to read the states from.")
    ] = None,
    monitor: Annotated[
        Path | None, typer.Option(help="Folder of `loanwatch monitor`, for the limits about the model.")
    ] = None,
    capacity: Annotated[int | None, typer.Option(min=1, help="Cases that people can work on at a time.")] = None,
    pack: Annotated[str, typer.Option(help="Policy pack with the limits: a name, or a path.")] = "standard",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at work; one a core if not given.")] = None,
    demo: DemoKey = False,
) -> None:
    """State of the book: limits, arrears, roll rates, vintages, first payments, recovery, classes, alerts, collection.

    Example: loanwatch portfolio BOOK --to 2024-12 --journal sqlite:///out/journal.db --capacity 200
    """
    import numpy as np

    from book.clock import month_end
    from book.load import open_book
    from monitoring.kris.model import monitored
    from monitoring.portfolio.figures import figures
    from monitoring.portfolio.gather import gather
    from policy.pack import load_pack
    from reports.book.files import write_pack
    from serving.wiring import named_pack

    if demo:
        demo_key()
    end = month(last, "--to")
    first_day, last_day = month_end(np.array([end - months + 1, end])).tolist()
    source, policy = open_book(book), load_pack(named_pack(pack))
    with progress("Month-end states") as step:
        rows = gather(source, first_day, last_day, out.with_name(out.name + "-rows"), step, workers, panel)
    on = np.datetime64(last_day, "D").item()
    decided = _decided(journal, segments, rows, source.settings.timezone, capacity) if journal else None
    found = figures(rows, decided, policy, monitored(monitor, on) if monitor else None)
    page = write_pack(found, rows, out, source.settings.currency, source.settings.timezone)
    say(f"The state of the book at the end of {last} is in {page}; every figure also as CSV beside it.")


def _decided(journal: str, segments: Path, rows: Rows, timezone: str, capacity: int | None) -> Decided:
    """What nights and people left in the journal; it is read, never written."""
    from loanwatch.decided_rows import decided
    from serving.journal import Journal

    days = rows.states["as_of"]
    with progress("Nights and journal"), Journal.open(journal, "portfolio", create=False) as opened:
        return decided(opened, segments, days.min(), days.max(), rows.lives, timezone, capacity)  # type: ignore[arg-type]
