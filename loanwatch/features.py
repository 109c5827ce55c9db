"""`loanwatch features`: month-end panels of a book as Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import DemoKey, OwnFeatures, SparkMaster, demo_key, month, progress, say

EXAMPLES = """
Examples:

  loanwatch features out/book --from 2024-01 --to 2024-12

  loanwatch features out/book --from 2024-12 --to 2024-12 --with my_features.py --out out/panel-own
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("features", epilog=EXAMPLES)(features)


def features(
    book: Annotated[Path, typer.Argument(help="Folder of the book.")],
    first: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    out: Annotated[Path, typer.Option(help="Folder for the panel.")] = Path("out/panel"),
    own: OwnFeatures = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at work; one a core if not given.")] = None,
    context: Annotated[
        Path | None,
        typer.Option(
            help="Cohort figures, such as context.json of a models folder; without them what compares is NaN."
        ),
    ] = None,
    spark: SparkMaster = None,
    demo: DemoKey = False,
) -> None:
    """Write the features of every loan at every month end: a folder a month, for training and notebooks."""
    from book.workers import cores, prepare

    if not spark and (workers or cores()) > 1:
        prepare("features.catalogue")
    import numpy as np

    from book.clock import month_end
    from book.load import open_book
    from features.panel import write_panel

    if demo:
        demo_key()
    if context and not context.is_file():
        raise typer.BadParameter(f"--context: {context} is no file; `loanwatch train` writes one beside the bundles")
    start, end = month(first, "--from"), month(last, "--to")
    if end < start:
        raise typer.BadParameter(f"--to: got {last}, allowed is {first} or later")
    start_day, end_day = month_end(np.array([start, end])).tolist()
    if spark:
        rows = _on_spark(spark, book, start_day, end_day, out, own or (), context)
        _tell(first, last, out, rows)
        return
    with progress("Writing the panel") as step:
        panel = write_panel(
            open_book(book), start_day, end_day, out, progress=step, workers=workers, own=own or (), context=context
        )
    _tell(first, last, out, panel.manifest["rows"])


def _tell(first: str, last: str, out: Path, rows: object) -> None:
    say(f"The panel from {first} to {last} is in {out}: {rows:,} rows; _manifest.json tells of what.")
    say(f'In a notebook: from features import panel; panel.read("{out}"), with .to_pandas() for a frame of pandas')


def _on_spark(
    master: str, book: Path, first: int, last: int, out: Path, own: Sequence[Path], context: Path | None
) -> int:
    """The same on Spark; returns the number of rows."""
    from book.spark import open_spark_book, session
    from features.context_file import read_context
    from features.spark import write_panel

    with progress("Writing the panel on Spark"):
        figures = read_context(context) if context else None
        manifest = write_panel(open_spark_book(session(master), book), first, last, out, own=own, context=figures)
    return int(manifest["rows"])
