"""`loanwatch simulate`: a loan book with known causes of trouble, from one seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import progress, say

EXAMPLES = """
Examples:

  loanwatch simulate out/book

  loanwatch simulate out/small --loans 2000 --months 36 --start 2022-01 --seed 11

  loanwatch simulate out/million --loans 1000000 --months 24
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate", epilog=EXAMPLES)(simulate)


def simulate(
    out: Annotated[Path, typer.Argument(help="New folder for the book.")],
    loans: Annotated[int, typer.Option(help="Number of loans.")] = 20_000,
    months: Annotated[int, typer.Option(help="Length of the window in months.")] = 48,
    start: Annotated[str, typer.Option(help="First month, YYYY-MM.")] = "2021-01",
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same book on any machine.")] = 7,
    part_loans: Annotated[int, typer.Option(help="Loans per partition.")] = 2_500,
    lent_months: Annotated[int | None, typer.Option(help="Pay loans out in the first so many months only.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at work; one a core if not given.")] = None,
) -> None:
    """Make a book: loans, schedules, payments, failed debits, account statements, bureau reports and more.

    Registers, invoices, financial statements, collateral and calls are there too.

    Borrowers get into trouble for planted causes, and some only look as if they did; which is which lies
    in the folder truth/, which no other command reads.

    The folder appears when the book is whole; a run that was stopped is taken up where it stopped.
    """
    from book.sources.simulate import Plan
    from book.sources.simulate import simulate as make
    from book.workers import cores

    plan = Plan(loans=loans, months=months, seed=seed, start=start, part_loans=part_loans, lent_months=lent_months)
    with progress("Simulating the book") as step:
        make(plan, out, progress=step, workers=workers or cores())
    say(f"The book of {loans:,} loans over {months} months from {start} is in {out}.")
    say(f"Next: loanwatch check {out}")
