"""Checking the whole journal: chains, rows, payloads, lives, the ends that others saw, and sealed segments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, exists, select

from serving.journal.anchor import Anchor
from serving.journal.faults import Broken, Verdict
from serving.journal.heads import chains
from serving.journal.payload_check import erased_payloads
from serving.journal.reading import Reading
from serving.journal.schema import ENTRIES, STANDINGS, TYPED
from serving.journal.tally import Tally
from serving.journal.walk import walk

SegmentCheck = Callable[[str, str], list[str]]
"""Given a segment's name and the hash of its manifest: what is wrong with its files."""
ArchiveCheck = Callable[[Mapping[str, Any]], Iterable[str]]
"""Given the columns of an entry that says what scores were made with: what is wrong with the files it names."""


def verify(
    journal: Reading,
    anchor: Anchor | None = None,
    segments: SegmentCheck | None = None,
    archive: ArchiveCheck | None = None,
) -> Verdict:
    """Everything in the journal that is not as it was written.

    `anchor` holds the ends of the chains as they were exported to another place; without it nothing shows that the
    ends of all chains were cut off at once. `segments` checks the files of nightly runs, `archive` those that scores
    were made with.
    """
    tally = Tally()
    faults: list[Broken] = []
    if anchor is not None:
        for chain, end in anchor.heads.items():
            tally.known_ends[chain, end.seq] = (end.hash, "the anchor")
    with journal.connection() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        names = list(chains(connection))
        for chain in names:
            faults += walk(connection, chain, tally)
        faults += _known_ends(connection, tally)
        faults += _strangers(connection)
        faults += erased_payloads(connection, tally)
        faults += _standings(connection, tally)
    if segments is not None:
        faults += [
            Broken(chain, seq, f"segment {name}: {what}")
            for chain, seq, name, hashed in tally.segments
            for what in segments(name, hashed)
        ]
    if archive is not None:
        faults += _archived(tally, archive)
    notes = _notes(tally, anchor, segments, archive)
    return Verdict(len(names), tally.entries, tally.payloads, tally.erased, tuple(faults), notes)


def _known_ends(connection: Connection, tally: Tally) -> Iterator[Broken]:
    """Ends of chains that were seen once and must be there still."""
    for (chain, seq), (hashed, who) in sorted(tally.known_ends.items()):
        there = select(ENTRIES.c.hash).where(ENTRIES.c.chain == chain, ENTRIES.c.seq == seq)
        found = connection.execute(there).scalar()
        if found is None:
            last = tally.ends.get(chain, (0, ""))[0]
            yield Broken(chain, seq, f"{who} saw it, now the chain ends at {last}: its end was cut off")
        elif found != hashed:
            yield Broken(chain, seq, f"{who} saw another hash: the chain was written anew")


def _archived(tally: Tally, archive: ArchiveCheck) -> Iterator[Broken]:
    """Files that scores were made with; each fault with the first entry that names the file."""
    seen: set[tuple[Any, ...]] = set()
    told: set[str] = set()
    for chain, seq, columns in tally.means:
        named = tuple(columns[name] for name in ("bundle_id", "pack_hash", "context_hash", "settings_hash"))
        if named in seen:
            continue
        seen.add(named)
        for what in archive(columns):
            if what not in told:
                yield Broken(chain, seq, what)
            told.add(what)


def _strangers(connection: Connection) -> Iterator[Broken]:
    """Rows without an entry in a chain."""
    for kind, table in TYPED.items():
        entry = exists().where(ENTRIES.c.place == table.c.place, ENTRIES.c.kind == kind)
        for row in connection.execute(select(table.c.place).where(~entry).order_by(table.c.place)):
            yield Broken(table.name, 0, f"the row at place {row.place} is in no chain: it was put in past the journal")


def _standings(connection: Connection, tally: Tally) -> Iterator[Broken]:
    """Where alerts, tasks and deliveries stand must follow from their steps."""
    seen = set()
    for row in connection.execute(select(STANDINGS)):
        life = (row.kind, row.id)
        seen.add(life)
        if life not in tally.lives:
            yield Broken("standings", 0, f"{row.kind} {row.id}: no entry speaks of it")
            continue
        step, place, standing = tally.lives[life]
        if (row.status, row.step, row.next_at, row.place) != (*standing, place):
            says = f"says {row.status} after step {row.step}, the chain says {standing.status} after step {step}"
            yield Broken("standings", 0, f"{row.kind} {row.id}: {says}")
    for kind, id_ in sorted(set(tally.lives) - seen):
        yield Broken("standings", 0, f"{kind} {id_}: its standing is missing")


def _notes(
    tally: Tally, anchor: Anchor | None, segments: SegmentCheck | None, archive: ArchiveCheck | None
) -> tuple[str, ...]:
    notes = []
    if tally.erased:
        notes.append(
            f"{tally.erased:,} payloads were erased by retention ({len(tally.erasures):,} erasures); the chain holds"
        )
    if tally.clock_back:
        notes.append(f"the clock went back {tally.clock_back:,} times; the order of entries does not depend on it")
    if anchor is None:
        notes.append("no anchor was given: a journal replaced as a whole would not show")
    if segments is None and tally.segments:
        notes.append(f"the files of {len(tally.segments):,} segments were not looked at")
    if archive is None and tally.means:
        notes.append("the archive of what scores were made with was not looked at")
    return tuple(notes)
