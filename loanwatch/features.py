"""`loanwatch features`: month-end panels of a book as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("features")(features)


def features(
    book: Annotated[Path, typer.Argument(help="Folder of the book.")],
    first: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    out: Annotated[Path, typer.Option(help="Folder for the panel.")] = Path("out/panel"),
    demo: Annotated[
        bool, typer.Option("--demo", help="Take the demo key for ids; simulated books only.")
    ] = False,
) -> None:
    """Write the features of every loan at every month end: a folder a month, for training and notebooks."""
    from book.load import open_book
    from features.panel import write_panel
    from loanwatch.console import demo_key, progress, say

    if demo:
        demo_key()
    start, end = month(first, "--from"), month(last, "--to")
    if end < start:
        raise typer.BadParameter(f"--to: got {last}, allowed is {first} or later")
    with progress("Writing the panel") as step:
        write_panel(open_book(book), start, end, out, progress=step)
    say(f"The panel from {first} to {last} is in {out}; manifest.json names its columns.")


def month(text: str, option: str) -> int:
    """The months since 1970-01 of YYYY-MM; anything else ends the command with exit code 2."""
    year, dash, number = text.partition("-")
    if not (
        dash
        and len(year) == 4
        and len(number) == 2
        and (year + number).isdecimal()
        and 1 <= int(number) <= 12
    ):
        raise typer.BadParameter(f"{option}: got {text!r}, allowed is a month as YYYY-MM, such as 2024-06")
    return (int(year) - 1970) * 12 + int(number) - 1
