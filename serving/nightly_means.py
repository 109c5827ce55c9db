"""What the parts of a night are judged with, as it is sent to other processes, and the way to a lean one."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from pathlib import Path

import numpy as np

from book.clock import end_of_day
from book.load import Part
from book.settings import Settings
from book.store_write import StoreWriter
from serving.journal.segment import Segment
from serving.lean import import_lightgbm

NOBODY = ".none"
"""What marks a part of which no loan was known."""
CHECKED = b"loanwatch check"
"""Where the rows of a part say what was checked."""


@dataclass(frozen=True)
class Means:
    """What every part of a run is judged with, as it is sent to other processes.

    `states` is the file with states that answers left in the journal since the segment `before` was sealed. `monitor`
    is the folder of the last monitoring run.
    """

    name: str
    as_of: int
    settings: Settings
    bundle: Path
    pack: str | Path
    pack_hash: str
    context: Path | None
    own: tuple[Path, ...]
    store: Path
    states: Path
    before: Segment | None
    monitor: Path | None = None


@dataclass(frozen=True)
class PieceOfNight:
    """A part to judge; `rows` is where its rows go, `part` its name in the segment and the store."""

    part: str
    source: Part
    rows: Path
    means: Means

    def portable(self) -> PieceOfNight:
        """The same with plain mappings, which can be sent to another process."""
        settings = replace(self.means.settings, posting_lag_days=dict(self.means.settings.posting_lag_days))
        source = replace(self.source, files=dict(self.source.files))
        return replace(self, source=source, means=replace(self.means, settings=settings))


def judge_lean(piece: PieceOfNight) -> str:
    """`judge_part` in a process that imports only what judging takes.

    What a worker has once made it keeps: it is not looked through again for objects that refer to themselves.
    """
    import_lightgbm()
    from serving.nightly_part import judge_part, ready

    if parent_process() is not None and ready(piece.means):
        gc.collect()
        gc.freeze()
    try:
        return judge_part(piece)
    finally:
        gc.collect()


def cutoff_of(means: Means) -> int:
    """The end of the day of the run, UTC microseconds."""
    return int(end_of_day(np.array([means.as_of]), means.settings.timezone)[0])


def store_of(means: Means) -> StoreWriter:
    """The generation of the store that this run writes, as far as it has come."""
    return StoreWriter.begin(
        means.store, means.name, settings=means.settings, as_of=means.as_of, cutoff=cutoff_of(means)
    )
