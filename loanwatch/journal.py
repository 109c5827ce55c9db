"""`loanwatch journal` and `loanwatch replay`: check, anchor, erase by retention, compute a score again."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanwatch.console import DemoKey, OwnFeatures, day, demo_key, say

if TYPE_CHECKING:
    from policy.pack import Pack
    from serving.replay import Replayed

SHOWN = 50
RETENTION_DAYS = 1_096
JournalUrl = Annotated[
    str,
    typer.Option(
        "--journal", envvar="LOANWATCH_JOURNAL", help="URL of the journal: sqlite:///PATH or postgresql://..."
    ),
]
ArchiveFolder = Annotated[
    Path | None,
    typer.Option(
        "--archive", envvar="LOANWATCH_ARCHIVE",
        help="Folder of what scores were made with; by default beside the journal's database.",
    ),
]  # fmt: skip
SegmentsFolder = Annotated[Path, typer.Option("--segments", help="Folder of the nightly segments.")]
StoreFolder = Annotated[Path, typer.Option(help="Folder of the store.")]
DEFAULT_STORE = Path("out/store")
DEFAULT_URL = "sqlite:///out/journal.db"
DEFAULT_SEGMENTS = Path("out/segments")


def register(app: typer.Typer) -> None:
    """Add the group and the command."""
    group = typer.Typer(help="Check the journal, anchor it, erase by retention.", no_args_is_help=True)
    group.command("verify")(verify)
    group.command("anchor")(anchor)
    group.command("erase")(erase)
    app.add_typer(group, name="journal")
    app.command("replay")(replay)


def verify(
    journal: JournalUrl = DEFAULT_URL,
    anchor: Annotated[Path | None, typer.Option(help="An anchor that was exported before.")] = None,
    segments: SegmentsFolder = DEFAULT_SEGMENTS,
    archive: ArchiveFolder = None,
) -> None:
    """Find every edited, missing or moved row of the journal, and of its files; exit code 1 where there is one."""
    from serving.archive import Archive, archive_folder
    from serving.archive.checking import faults_of
    from serving.archive.retention import erased_contexts
    from serving.journal.anchor import read_anchor
    from serving.journal.journal import Journal
    from serving.journal.segments import Segments
    from serving.journal.verify import verify as check

    known = read_anchor(anchor) if anchor else None
    with Journal.open(journal, "verify", create=False) as opened:
        files = partial(faults_of, Archive(archive_folder(journal, archive)), erased=erased_contexts(opened))
        verdict = check(opened, known, Segments(segments, opened).check if segments.is_dir() else None, files)
    for fault in verdict.faults[:SHOWN]:
        say(f"BROKEN  {fault}")
    if len(verdict.faults) > SHOWN:
        say(f"and {len(verdict.faults) - SHOWN:,} more")
    for note in verdict.notes:
        say(f"note: {note}")
    looked = f"{verdict.entries:,} entries in {verdict.chains:,} chains, {verdict.payloads:,} payloads"
    say(f"{looked}: " + ("whole" if verdict.whole else f"{len(verdict.faults):,} things are not as they were written"))
    if not verdict.whole:
        raise typer.Exit(1)


def anchor(
    out: Annotated[Path, typer.Argument(help="A new file for the anchor; keep it where the database's owner cannot.")],
    journal: JournalUrl = DEFAULT_URL,
) -> None:
    """Write the ends of all chains to a file: what `verify --anchor` compares with later."""
    from serving.journal.anchor import anchor_of, write_anchor
    from serving.journal.ids import now_us
    from serving.journal.journal import Journal

    with Journal.open(journal, "anchor", create=False) as opened:
        made = anchor_of(opened, now_us())
    write_anchor(made, out)
    say(f"{len(made.heads):,} chains, hash {made.hash}, are in {out}")


def erase(
    before: Annotated[str, typer.Option(help="Erase what was last used before this day, YYYY-MM-DD.")],
    journal: JournalUrl = DEFAULT_URL,
    retention_days: Annotated[int, typer.Option(help="Days for which payloads must be kept.", min=0)] = RETENTION_DAYS,
    actor: Annotated[str, typer.Option(help="Who erases; default: the user of the system.")] = "",
    segments: SegmentsFolder = DEFAULT_SEGMENTS,
    store: StoreFolder = DEFAULT_STORE,
    archive: ArchiveFolder = None,
) -> None:
    """Erase requests, features, reasons, states and nights that retention no longer asks for; the chain stays whole."""
    import getpass
    from datetime import UTC, datetime

    from book.errors import Refusal
    from serving.archive import Archive, archive_folder
    from serving.archive.retention import forget_contexts
    from serving.journal.erase import erase as erase_payloads
    from serving.journal.expiry import forget_nights
    from serving.journal.journal import Journal

    limit = day(before, "--before")
    today = datetime.now(UTC).date().toordinal() - datetime(1970, 1, 1).toordinal()
    if limit > today - retention_days:
        raise Refusal(
            f"--before: got {before}; allowed: a day at least {retention_days:,} days ago, as --retention-days says"
        )
    with Journal.open(journal, "erase", create=False) as opened:
        erased = erase_payloads(opened, limit * 86_400_000_000, actor or getpass.getuser())
        gone = forget_contexts(opened, Archive(archive_folder(journal, archive)), segments)
        nights = forget_nights(opened, segments, store)
    said = f"{erased.payloads:,} payloads and {erased.answers:,} answers erased"
    say(f"{said}, rows of {nights:,} nights, {gone:,} figures of cohorts; the entry {erased.erasure_id} says so")


def replay(
    score_ids: Annotated[list[str], typer.Argument(help="Ids of scores, as the API, a report or a night gives them.")],
    journal: JournalUrl = DEFAULT_URL,
    models: Annotated[Path, typer.Option(help="Models folder with the bundles.")] = Path("out/models"),
    pack: Annotated[list[str] | None, typer.Option(help="Policy pack, by name or path; may be given again.")] = None,
    segments: SegmentsFolder = DEFAULT_SEGMENTS,
    store: StoreFolder = DEFAULT_STORE,
    book: Annotated[Path | None, typer.Option(help="Book whose settings the service used, if not the model's.")] = None,
    own: OwnFeatures = None,
    kept_features: Annotated[
        bool, typer.Option("--kept-features", help="Run own features as the archive has them: they are programs.")
    ] = False,
    archive: ArchiveFolder = None,
    demo: DemoKey = False,
) -> None:
    """Judge past scores again from what was kept of them: exit code 0 where the same bits come out, else 1.

    Score, reasons, class, grade, tier, floors, alerts, action and the next state of the policy are compared.
    """
    from book.load import read_settings
    from book.store import Store
    from features.context_file import CONTEXT
    from features.own import catalogue_with
    from serving.archive import Archive, archive_folder
    from serving.journal.journal import Journal
    from serving.journal.segments import Segments
    from serving.replay import Replayer
    from serving.replay.means import Means

    if demo:
        demo_key()
    contexts = [models / CONTEXT, *sorted((segments / "contexts").glob("*.json"), reverse=True)]
    packs, beside = partial(_packs, tuple(pack or ["standard"])), Archive(archive_folder(journal, archive))
    means = Means(models, packs, contexts, catalogue_with(own or ()), beside, kept_features)
    with Journal.open(journal, "replay", create=False) as opened:
        replayer = Replayer(
            opened,
            means,
            Segments(segments, opened) if segments.is_dir() else None,
            Store.open(store, events=opened) if (store / "current").is_file() else None,
            read_settings(book) if book else None,
        )
        same = [_tell(replayer.replay(score_id)) for score_id in score_ids]
    if not all(same):
        raise typer.Exit(1)


@cache
def _packs(names: tuple[str, ...], as_of: int) -> list[Pack]:
    """The packs of these names as they are now, and as they were in force on a day."""
    from policy.pack import load_pack
    from serving.wiring import named_pack

    return [load_pack(named_pack(name), on) for name in names for on in (as_of, None)]


def _tell(replayed: Replayed) -> bool:
    for what in replayed.gone:
        say(f"gone: {what}")
    for one in replayed.differs:
        say(f"differs: {one.name} was {one.was!r}, is now {one.now!r}")
    if replayed.program:
        say(replayed.program)
    if replayed.same:
        say(f"{replayed.score_id}: the same bits ({', '.join(replayed.compared)})")
    else:
        say(f"{replayed.score_id}: " + ("cannot be computed again" if replayed.gone else "other bits"))
    return replayed.same
