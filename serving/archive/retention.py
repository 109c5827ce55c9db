"""Retention: figures of cohorts hold pseudonyms of guarantors, and end with the data of the scores that used them.

Bundles, packs, settings and own features say nothing of a person and stay.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from serving.archive import names
from serving.archive.folder import Archive
from serving.journal.entries import Erasure, Means, Score, Segment
from serving.journal.reading import Reading
from serving.journal.schema import ENTRIES, TYPED


def erased_contexts(journal: Reading) -> frozenset[str]:
    """Hashes of figures of cohorts that no score since the latest day of an erasure was made with.

    What a writer holds now (the last entry of its chain that says what it scores with) is never among them.
    """
    means = TYPED[Means.KIND]
    with journal.connection() as connection:
        before = connection.execute(select(func.max(TYPED[Erasure.KIND].c.before))).scalar()
        if before is None:
            return frozenset()
        named = set(connection.execute(select(means.c.context_hash).distinct()).scalars())
        used: set[str] = set()
        for kind in (Score.KIND, Segment.KIND):
            table = TYPED[kind]
            since = select(table.c.context_hash).distinct().join(ENTRIES, ENTRIES.c.place == table.c.place)
            used |= set(connection.execute(since.where(ENTRIES.c.at >= before)).scalars())
        newest = select(func.max(ENTRIES.c.place)).where(ENTRIES.c.kind == Means.KIND).group_by(ENTRIES.c.chain)
        used |= set(connection.execute(select(means.c.context_hash).where(means.c.place.in_(newest))).scalars())
    return frozenset(named - used - {""})


def forget_contexts(journal: Reading, archive: Archive, segments: Path) -> int:
    """Take out of the archive, and of the folder of nightly runs, what is past retention; how many there were."""
    gone = erased_contexts(journal)
    table = TYPED[Segment.KIND]
    with journal.connection() as connection:
        nights = connection.execute(select(table.c.name, table.c.context_hash)).all()
    for night in nights:
        if night.context_hash in gone:
            (segments / "contexts" / f"{night.name}.json").unlink(missing_ok=True)
    there = [hash_ for hash_ in sorted(gone) if archive.has(names.of_context(hash_))]
    for hash_ in there:
        archive.drop(names.of_context(hash_))
    return len(there)
