"""`loanwatch nightly`: a book in; scores, classes, alerts, queue, journal and store of one day out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanwatch.console import DemoKey, OwnFeatures, Step, day, demo_key, progress, say, table
from loanwatch.journal import DEFAULT_SEGMENTS, DEFAULT_URL, ArchiveFolder, JournalUrl, SegmentsFolder
from loanwatch.score import show

if TYPE_CHECKING:
    from serving.nightly_results import Night

NOT_WRITTEN = 3
"""Exit code where the journal, or a file, could not be written: run the same night again."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("nightly")(nightly)


def nightly(
    book: Annotated[Path, typer.Argument(help="Folder of the book.")],
    as_of: Annotated[str, typer.Option(help="Day to judge, YYYY-MM-DD; nothing known later is used.")],
    models: Annotated[Path, typer.Option(help="Models folder with the champion.")] = Path("out/models"),
    out: Annotated[Path, typer.Option(help="Folder for the results, replaced as a whole.")] = Path("out/night"),
    journal: JournalUrl = DEFAULT_URL,
    segments: SegmentsFolder = DEFAULT_SEGMENTS,
    store: Annotated[Path, typer.Option(help="Folder of the store that answers by day read.")] = Path("out/store"),
    pack: Annotated[str, typer.Option(help="Policy pack: a name, or the path of a TOML file or folder.")] = "standard",
    workers: Annotated[int | None, typer.Option(help="Processes; one a core if not given.")] = None,
    capacity: Annotated[int, typer.Option(help="How many loans people can look at.")] = 200,
    refresh: Annotated[
        bool, typer.Option("--refresh/--no-refresh", help="Make the figures of cohorts anew from this book.")
    ] = True,
    webhooks: Annotated[
        Path | None, typer.Option(help="TOML file of endpoints that are to hear of alerts and changes of tier.")
    ] = None,
    monitor: Annotated[
        Path, typer.Option(help="Folder of the last `loanwatch monitor`, whose figures rules about the model ask.")
    ] = Path("out/monitor"),
    archive: ArchiveFolder = None,
    own: OwnFeatures = None,
    demo: DemoKey = False,
) -> None:
    """Judge the whole book on one day: check, score, explain, classify, alert, queue, journal, store.

    A night that was stopped goes on where it was when it is run again. Exit code 2: refused; 3: the journal or a file
    cannot be written.
    """
    from serving.lean import import_lightgbm

    import_lightgbm()
    from book.load import open_book
    from serving.journal import Journal, JournalDown
    from serving.nightly import Order, night
    from serving.webhooks.endpoints import announcer, read_endpoints
    from serving.wiring import named_pack

    if demo:
        demo_key()
    opened = open_book(book)
    order = Order(
        opened, day(as_of), models, out, segments, store, named_pack(pack), tuple(own or ()), workers, capacity,
        refresh, monitor=monitor, archive=archive,
    )  # fmt: skip
    announce = announcer(read_endpoints(webhooks), "nightly") if webhooks else None
    with Journal.open(journal, "nightly") as kept, _steps() as step:
        try:
            done = night(order, kept, step, announce)
        except JournalDown as down:
            say(f"{down}; run the same night again")
            raise typer.Exit(NOT_WRITTEN) from down
        except OSError as error:
            say(f"a file cannot be written: {error}; make room and run the same night again")
            raise typer.Exit(NOT_WRITTEN) from error
    tell(done, as_of, opened.settings.currency)
    say(f"Scores, queue, alerts, summary and manifest are in {out}")


def tell(done: Night, as_of: str, currency: str) -> None:
    """Print what a night found."""
    show(done.summary, as_of, currency)
    counts = [(severity, f"{count:,}") for severity, count in reversed(done.alerts.items())]
    table("Alerts", ("severity", "alerts"), counts)
    checked = ", ".join(f"{count:,} {name}" for name, count in done.checked.items())
    say(f"{done.name}: {checked}.")
    if done.not_evaluated:
        say(f"Not evaluated, for want of figures: {', '.join(done.not_evaluated)}.")


@contextmanager
def _steps() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each thing that a night does, one after another."""
    bars: dict[str, Step] = {}
    with ExitStack() as stack:

        def step(what: str, done: int, of: int) -> None:
            if what not in bars:
                stack.close()
                bars.clear()
                bars[what] = stack.enter_context(progress(what))
            bars[what](done, of)

        yield step
