"""Nightly runs as the API asks them: the state of a loan, and the whole run for the queue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serving.journal import Journal
from serving.journal.segment import Segment
from serving.journal.segments import Segments

_RANKED = ("loan_id", "borrower_id", "pd", "exposure", "tier", "action")


class Night:
    """One sealed run."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._ranked: list[dict[str, Any]] | None = None

    @property
    def kept(self) -> Any:
        """Its entry in the journal."""
        return self._segment.kept

    def lookup(self, loan_ids: Sequence[str], columns: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """Rows by loan id."""
        return self._segment.lookup(loan_ids, columns)

    def columns(self, names: Sequence[str]) -> Any:
        """Some columns of every row, as an Arrow table."""
        return self._segment.rows(names)

    def ranked(self) -> list[dict[str, Any]]:
        """Every row with a PD and an exposure; read once."""
        if self._ranked is None:
            found, as_of = [], self._segment.entry.as_of
            for part in self._segment.parts:
                rows = self._segment.part(part, _RANKED).to_pylist()
                ids = {"as_of": as_of}
                found += [
                    row | ids | {"score_id": f"{self._segment.entry.name}.{part}.{at}"}
                    for at, row in enumerate(rows)
                    if row["pd"] is not None and row["exposure"]
                ]
            self._ranked = found
        return self._ranked


class Nights:
    """The runs in a folder, two of them kept at hand."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self._segments = Segments(folder, journal)
        self._held: dict[int, Night] = {}

    def latest(self, kind: str = "nightly", before_as_of: int | None = None) -> Night | None:
        """The newest run."""
        found = self._segments.latest(kind, before_as_of)
        if found is None:
            return None
        place = found.kept.place
        if place not in self._held:
            self._held = {at: self._held[at] for at in sorted(self._held)[-1:]} | {place: Night(found)}
        return self._held[place]
