"""`loanwatch score`: a book in, scores and reasons of one day out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanwatch.console import DemoKey, OwnFeatures, SparkMaster, day, demo_key, progress, say, table

if TYPE_CHECKING:
    from policy.pack import Pack
    from serving.summary import Summary


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    book: Annotated[Path, typer.Argument(help="Folder of the book.")],
    as_of: Annotated[str, typer.Option(help="Day to score, YYYY-MM-DD; nothing known later is used.")],
    out: Annotated[Path, typer.Option(help="Folder for the results, replaced as a whole.")] = Path("out/scores"),
    models: Annotated[Path, typer.Option(help="Models folder with the champion.")] = Path("out/models"),
    pack: Annotated[str, typer.Option(help="Policy pack: a name, or the path of a TOML file or folder.")] = "grades",
    own: OwnFeatures = None,
    spark: SparkMaster = None,
    demo: DemoKey = False,
) -> None:
    """Score every loan of a book on one day: PD, tier and reasons as Parquet, a summary on the screen."""
    from book.load import open_book
    from features.own import catalogue_with
    from policy.pack import load_pack
    from serving.batch import score_book
    from serving.wiring import named_pack

    if demo:
        demo_key()
    when = day(as_of)
    if spark:
        _on_spark(spark, book, when, out, models, load_pack(named_pack(pack)), own or ())
        return
    opened = open_book(book)
    with progress("Scoring the book") as step:
        summary = score_book(opened, when, models, out, load_pack(named_pack(pack)), step, catalogue_with(own or ()))
    show(summary, as_of, opened.settings.currency)
    say(f"Scores, reasons, summary and manifest are in {out}")


def _on_spark(master: str, book: Path, as_of: int, out: Path, models: Path, pack: Pack, own: Sequence[Path]) -> None:
    """The same on Spark: one Parquet folder, the reasons of a loan beside its score."""
    from book.spark import open_spark_book, session
    from serving.spark import write_scores

    with progress("Scoring the book on Spark"):
        manifest = write_scores(open_spark_book(session(master), book), as_of, models, out, pack, own)
    rows = [(tier, f"{count:,}") for tier, count in sorted(manifest["tiers"].items())]
    table(f"{manifest['loans']:,} loans on {manifest['as_of']}", ("tier", "loans"), rows)
    say(f"Scores with their reasons are in {out}")


def show(summary: Summary, as_of: str, currency: str) -> None:
    """Print a summary: tiers, statuses, and the share of rows whose time of posting was assumed."""
    title = f"{summary.loans:,} loans on {as_of}"
    for kind, heading in (("tier", title), ("status", "")):
        rows = [
            (
                line.name,
                f"{line.loans:,}",
                f"{line.money:,.2f}",
                "" if line.mean_pd is None else f"{line.mean_pd:.2%}",
            )
            for line in summary.lines
            if line.by == kind
        ]
        table(heading, (kind, "loans", f"exposure, {currency}", "mean PD"), rows)
    say(f"Time of posting assumed for {summary.assumed:.1%} of the rows behind a score, on average.")
