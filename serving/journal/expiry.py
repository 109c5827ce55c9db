"""Retention of nightly runs: rows of nights, and their generation of the store, end with the payloads of their time."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from serving.journal.entries import Erasure, Segment
from serving.journal.reading import Reading
from serving.journal.schema import ENTRIES, TYPED

CURRENT: Final = "current"
KEPT: Final = "manifest.json"
"""What stays of a night: the hashes of its files, which the chain holds the hash of."""


def expired(journal: Reading) -> tuple[Segment, ...]:
    """Nights that an erasure took, oldest first: those sealed before its day that had a next one before it too.

    The last night before that day stays: scores after it go on from its states and from its rows in the store.
    """
    table = TYPED[Segment.KIND]
    with journal.connection() as connection:
        before = connection.execute(select(func.max(TYPED[Erasure.KIND].c.before))).scalar()
        if before is None:
            return ()
        sealed = select(table).join(ENTRIES, ENTRIES.c.place == table.c.place).where(ENTRIES.c.at < before)
        rows = connection.execute(sealed.order_by(table.c.place)).all()
    last = {row.kind: row.place for row in rows}
    columns = Segment.__struct_fields__
    return tuple(
        Segment(**{name: row._mapping[name] for name in columns}) for row in rows if row.place != last[row.kind]
    )


def forget_nights(journal: Reading, segments: Path, store: Path) -> int:
    """Remove the rows of expired nights and their generations of the store; how many nights there were.

    The manifest stays, and so does the entry of the chain. Done again after a kill it goes on.
    """
    current = (store / CURRENT).read_text("utf-8").strip() if (store / CURRENT).is_file() else ""
    taken = 0
    for night in expired(journal):
        files = [path for path in sorted((segments / night.name).glob("*")) if path.name != KEPT]
        for path in files:
            path.unlink()
        taken += bool(files)
        if night.store and night.store != current and "/" not in night.store:
            shutil.rmtree(store / night.store, ignore_errors=True)
    return taken
