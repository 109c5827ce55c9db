"""A night: the whole book checked, scored, decided on and written to the journal, resumable after a kill.

Rows are written part by part into a draft. Then alerts go to the journal, the draft is sealed, and the folder of
results appears. Every step that was done is left as it is when the same night is run again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from book.clock import month_end, month_of
from book.errors import Refusal
from book.load import Book
from book.store_write import point
from book.workers import cores, run
from features.cohorts import build_context
from features.context import Context, continued
from features.context_file import CONTEXT, read_context, write_context
from features.own import catalogue_with
from features.panel import month_ends
from models.bundle import Bundle
from models.opening import load_bundle
from policy.pack import Pack, load_pack
from serving.archive import Archive, Keeper, archive_folder
from serving.batch import champion_folder
from serving.journal.entries import Score
from serving.journal.journal import Journal
from serving.journal.segment import Segment
from serving.journal.segments import Draft, Segments
from serving.nightly_alerts import Announce, Telling, tell
from serving.nightly_book import book_alerts
from serving.nightly_means import NOBODY, Means, PieceOfNight, cutoff_of, judge_lean, store_of
from serving.nightly_past import Past
from serving.nightly_results import Night, write_results

KIND = "nightly"
PAGE = 10_000
MONTHS_COMPARED = 24
Steps = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """What a night is to do, and where its results go.

    `capacity` is how many loans people can look at. `refresh` makes the figures of cohorts anew from this book.
    `monitor` is the folder of the last monitoring run, whose figures rules about the model ask. `archive` is where what
    scores are made with is kept, if that is not beside the journal.
    """

    book: Book
    as_of: int
    models_dir: Path
    out: Path
    segments: Path
    store: Path
    pack: str | Path = "standard"
    own: tuple[Path, ...] = ()
    workers: int | None = None
    capacity: int = 200
    refresh: bool = True
    actor: str = "nightly"
    monitor: Path | None = None
    archive: Path | None = None


def night(order: Order, journal: Journal, steps: Steps | None = None, announce: Announce | None = None) -> Night:
    """Run a night, or go on with it where it was stopped; a finished one is given back as it is.

    `announce` makes the messages to other systems that go with alerts and changes of tier. `steps` is called as
    (what, done, of). Raises Refusal where the champion, the pack, the book or a folder cannot be used, Refused where a
    part of the book cannot, JournalDown where the journal cannot be written.
    """
    say = steps or (lambda *_: None)
    segments = Segments(order.segments, journal)
    order.segments.mkdir(parents=True, exist_ok=True)
    pack = load_pack(order.pack, order.as_of)
    means, book_hash, bundle = _means(order, segments, pack, say)
    context = read_context(means.context) if means.context else None
    draft = segments.begin(
        means.name, kind=KIND, as_of=order.as_of, cutoff=cutoff_of(means), bundle_id=means.bundle.name,
        pack=f"{pack.id} {pack.version}", pack_hash=pack.hash, context_hash=context.hash if context else "",
        book_hash=book_hash, store=means.name,
    )  # fmt: skip
    if segments.get(means.name) is None:
        keeper = Keeper(Archive(archive_folder(journal.address, order.archive)), journal, order.actor, order.own)
        keeper.keep_all(bundle, pack, means.settings, context, means.context)
    parts = _judged(order, means, draft, say)
    rows = _rows(parts, draft, order)
    _finish_store(means)
    past = Past.of(segments, order.as_of)
    alerts = book_alerts(rows, means, pack, journal, past, bundle.horizon, order.capacity)
    if segments.get(means.name) is None:
        tell(Telling(journal, pack, means.name, order.as_of, order.actor, announce), rows, alerts.alerts, say)
    sealed = draft.seal(order.actor)
    done = write_results(order.out, sealed, alerts, pack, order.capacity, order.book.settings)
    _tidy(order, means, context)
    return done


def _means(order: Order, segments: Segments, pack: Pack, say: Steps) -> tuple[Means, str, Bundle]:
    """What all parts are judged with, the same when a night is taken up again; the book's hash; the champion."""
    bundle = load_bundle(champion_folder(order.models_dir), catalogue_with(order.own))
    book_hash = order.book.hash()
    day = str(np.datetime64(order.as_of, "D"))
    of = sha256(f"{day}\n{book_hash}\n{bundle.id}\n{pack.hash}".encode()).hexdigest()
    name = f"{KIND}-{day}-{of[:8]}"
    before = segments.latest(KIND, order.as_of)
    means = Means(
        name=name,
        as_of=order.as_of,
        settings=order.book.settings,
        bundle=order.models_dir / "bundles" / bundle.id,
        pack=order.pack,
        pack_hash=pack.hash,
        context=_context(order, name, say),
        own=order.own,
        store=order.store,
        states=order.segments / f".states-{name}.json",
        before=before,
        monitor=order.monitor,
    )
    if not means.states.exists():
        _write(means.states, msgspec.json.encode(_states_since(segments.journal, before, order.as_of)))
    return means, book_hash, bundle


def _context(order: Order, name: str, say: Steps) -> Path | None:
    """The file with the figures of cohorts of this night, kept for replays."""
    mine, old = order.segments / "contexts" / f"{name}.json", order.models_dir / CONTEXT
    if mine.exists():
        return mine
    if not order.refresh and not old.is_file():
        return None
    context = read_context(old) if old.is_file() else None
    if order.refresh:
        made = build_context(
            order.book, _days(context, order.as_of), lambda done, of: say("Comparing cohorts", done, of),
            workers=order.workers or cores(),
        )  # fmt: skip
        context = continued(context, made)
    if context is None:
        return None
    mine.parent.mkdir(parents=True, exist_ok=True)
    write_context(context, mine)
    return mine


def _days(context: Context | None, as_of: int) -> Any:
    """The month ends whose figures are made: those not at hand and the latest two, none after the day of the night."""
    last = int(month_of(np.array([as_of]))[0])
    known = int(context.months[-1]) if context and len(context.months) else 0
    start = month_end(np.array([max(min(known + 1, last - 1), last - MONTHS_COMPARED)]))[0]
    days = month_ends(int(start), as_of)
    return days[days <= as_of]


def _states_since(journal: Journal, before: Segment | None, as_of: int) -> dict[str, Any]:
    """The policy's state of each loan that was answered about after the run before, of days up to this one."""
    after, place = before.kept.place if before else 0, None
    newest: dict[str, str] = {}
    while True:
        page = journal.page(Score, PAGE, place)
        late = [kept for kept in page.rows if kept.place > after]
        for kept in late:
            if kept.entry.state_next and kept.entry.as_of <= as_of:
                newest.setdefault(kept.entry.loan_id, kept.entry.state_next)
        place = page.next
        if place is None or len(late) < len(page.rows):
            break
    content = journal.payloads(list(newest.values()))
    found = {loan: content[name] for loan, name in newest.items()}
    return {loan: msgspec.json.decode(state) for loan, state in sorted(found.items()) if state is not None}


def _judged(order: Order, means: Means, draft: Draft, say: Steps) -> list[str]:
    """The names of all parts, after those that were not done are."""
    parts = [f"{k:05d}" for k in range(len(order.book.parts))]
    pieces = [
        PieceOfNight(part, source, draft.path(part), means).portable()
        for part, source in zip(parts, order.book.parts, strict=True)
        if not draft.done(part) and not draft.path(part).with_suffix(NOBODY).exists()
    ]
    if pieces and not (means.store / means.name).exists():
        store_of(means)
    done = len(parts) - len(pieces)
    say("Judging the book", done, len(parts))
    for _ in run(judge_lean, pieces, min(order.workers or cores(), len(pieces))):
        done += 1
        say("Judging the book", done, len(parts))
    return parts


def _rows(parts: Sequence[str], draft: Draft, order: Order) -> list[Path]:
    """The files of the rows, in order of parts."""
    found = [draft.path(part) for part in parts if draft.done(part)]
    if not found:
        draft.discard()
        raise Refusal(f"{order.book.folder}: no loan was known on {np.datetime64(order.as_of, 'D')}; nothing to judge")
    return found


def _finish_store(means: Means) -> None:
    """The new generation of the store becomes the current one; one that is finished stays as it is."""
    if (means.store / means.name).exists():
        point(means.store, means.name)
    else:
        store_of(means).finish()


def _tidy(order: Order, means: Means, context: Context | None) -> None:
    """The figures of cohorts go beside the models, where answers by day find them."""
    beside = order.models_dir / CONTEXT
    if order.refresh and context is not None:
        held = read_context(beside).months if beside.is_file() else context.months
        if context.months[-1] >= held[-1]:
            write_context(context, beside)
    means.states.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    os.replace(new, path)
