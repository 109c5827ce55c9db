"""`loanwatch monitor`: the state of a model over months, as a page, CSV files and an exit code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanwatch.console import DemoKey, Step, demo_key, month, progress, say

if TYPE_CHECKING:
    from book.load import Book
    from loanwatch.monitor_rows import Job
    from monitoring.timeline.figures import Asked, Timeline

EXITS = {"ok": 0, "watch": 3, "act": 4}
NOT_WRITTEN = 5
"""Exit code where alerts could not be written to the journal."""
TOP = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("monitor")(monitor)


def monitor(
    book: Annotated[Path, typer.Argument(help="Folder of the book, or the URL of its database.")],
    first: Annotated[str, typer.Option("--from", help="First month of the timeline, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM; the verdict is about its end.")],
    models: Annotated[Path, typer.Option(help="Models folder with the champion.")] = Path("out/models"),
    challenger: Annotated[
        str, typer.Option(help="Bundle to score beside it; the last one judged if not given, none for no other.")
    ] = "",
    out: Annotated[Path, typer.Option(help="Folder for page and CSV files, replaced as a whole.")] = Path(
        "out/monitor"
    ),
    pack: Annotated[str, typer.Option(help="Policy pack: a name, or the path of a TOML file or folder.")] = "standard",
    journal: Annotated[
        str,
        typer.Option(envvar="LOANWATCH_JOURNAL", help="URL of the journal that alerts go to; without it they do not."),
    ] = "",
    webhooks: Annotated[
        Path | None, typer.Option(help="TOML file of endpoints that are to hear of alerts; takes --journal.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at work; one a core if not given.")] = None,
    demo: DemoKey = False,
) -> None:
    """State of the model: drift, early read, truth where mature, challenger, verdict.

    Alerts of rules P02 and P03 are in verdict.json, and in the journal where one is given. Exit code 0: ok; 3: watch;
    4: act; 2: refused; 5: the alerts could not be written, run it again.

    Example: loanwatch monitor BOOK --models out/models --from 2024-01 --to 2024-12
    """
    from book.load import open_book
    from book.workers import cores
    from loanwatch.monitor_rows import gather
    from monitoring.timeline.figures import timeline
    from reports.timeline.files import write_timeline
    from reports.timeline.words import sentence
    from serving.wiring import named_pack

    if demo:
        demo_key()
    opened = open_book(book)
    with progress("Looking at the model") as step:
        job, asked = prepare(
            opened, models, challenger, named_pack(pack), (month(first, "--from"), month(last, "--to")), step
        )
    with progress("Scoring month ends") as step:
        rows, counts = gather(opened, job, out.with_name(out.name + ".rows"), workers or cores(), step)
    if not len(rows):
        from book.errors import Refusal

        raise Refusal(f"{book}: no loan could be scored from {first} to {last}; allowed: months that the book covers")
    found = timeline(rows, counts, job.baseline, asked)
    page = write_timeline(found, job.pack, out, opened.settings.currency, opened.settings.timezone)
    say(sentence(found, "en", opened.settings.currency, opened.settings.timezone))
    say(f"The timeline is in {page}; every figure also as CSV beside it.")
    if journal:
        _tell(found, job.pack, journal, webhooks)
    raise typer.Exit(EXITS[found.verdict.level])


def _tell(found: Timeline, pack: str | Path, journal: str, webhooks: Path | None) -> None:
    """Alerts into the journal; where it cannot be written the run ends with an exit code of its own."""
    from loanwatch.monitor_alerts import tell_alerts
    from policy.pack import load_pack
    from serving.journal import JournalDown

    try:
        due = tell_alerts(found, load_pack(pack), journal, webhooks)
    except JournalDown as down:
        say(f"{down}; run it again")
        raise typer.Exit(NOT_WRITTEN) from down
    said = ", ".join(f"{alert.rule} ({alert.severity})" for alert in due) or "none is due"
    say(f"Alerts into the journal: {said}.")


def prepare(
    book: Book, models: Path, challenger: str, pack: str | Path, months: tuple[int, int], step: Step
) -> tuple[Job, Asked]:
    """What is done with each part, and what is asked of the figures."""
    import json

    import numpy as np

    from book.clock import month_end
    from book.errors import Refusal
    from loanwatch.monitor_rows import Job
    from models.opening import load_bundle
    from models.predict import Model
    from monitoring.target import Target
    from monitoring.timeline.counts import Baseline
    from monitoring.timeline.figures import Asked
    from policy.pack import load_pack
    from serving.batch import champion_folder
    from training.data import span
    from training.evidence import REFERENCE, evidence_folder, read_validation

    if months[0] > months[1]:
        raise Refusal("--from lies after --to; allowed: the earlier month first")
    bundle = load_bundle(champion_folder(models))
    validation = read_validation(models, bundle.id)
    reference = evidence_folder(models, bundle.id) / REFERENCE
    baseline = Baseline.of(json.loads(reference.read_text("utf-8")))
    target = Target.named(bundle.target, book.settings, bundle.horizon, bundle.settings.get("default_dpd"))
    settings = replace(target.applied(book.settings), posting_lag_days=dict(book.settings.posting_lag_days))
    rival = _rival(models, bundle.id, challenger)
    weigh = np.abs(Model(bundle).contributions(bundle.golden.x))[:, :-1].mean(axis=0)
    top = tuple(bundle.features[k] for k in np.argsort(-weigh, kind="stable")[:TOP] if weigh[k] > 0)
    days = tuple(month_end(np.arange(months[0], months[1] + 1)).tolist())
    received = book.settings.received_at
    cutoff = received if received is not None else span(book, step)[1]
    job = Job(
        models, bundle.id, rival, pack, target, settings, days, cutoff, baseline,
        tuple(name for name in bundle.features),
    )  # fmt: skip
    grades = tuple(one.code for one in load_pack(pack).grades)
    low = validation["overall"]["auc"]["low"]
    return job, Asked(bundle.id, bundle.target, bundle.horizon, grades, top, low, rival)


def _rival(models: Path, champion: str, wanted: str) -> str:
    """The bundle to score beside the champion: the one wanted, else the last judged that can be opened, else ""."""
    from book.errors import Refusal
    from models.opening import load_bundle
    from training.evidence import last_judged

    if wanted == "none":
        return ""
    if wanted:
        matches = sorted(path.name for path in (models / "bundles").glob(f"{wanted}*"))
        if len(matches) != 1:
            raise Refusal(f"--challenger: got {wanted!r}, allowed is the id of one bundle in {models / 'bundles'}")
        return load_bundle(models / "bundles" / matches[0]).id
    try:
        last = last_judged(models)
        return "" if last == champion else load_bundle(models / "bundles" / last).id
    except Refusal:
        return ""
