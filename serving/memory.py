"""What policy remembers of loans between two answers: read from the journal, or the last nightly run before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from serving.journal import Journal

Plain = Mapping[str, Any]


class Run(Protocol):
    """A sealed nightly run (`serving.nights.Night`)."""

    @property
    def kept(self) -> Any:
        """Its entry in the journal."""

    def lookup(self, loan_ids: Sequence[str], columns: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """Rows by loan id."""

    def columns(self, names: Sequence[str]) -> Any:
        """Some columns of every row, as an Arrow table."""

    def ranked(self) -> list[dict[str, Any]]:
        """Every row with a PD and an exposure."""


class Runs(Protocol):
    """Where nightly runs are (`serving.nights.Nights`)."""

    def latest(self, kind: str = "nightly", before_as_of: int | None = None) -> Run | None:
        """The newest run."""


@dataclass(frozen=True)
class Memory:
    """The states after the newest score of each loan. Without a journal nothing is remembered."""

    journal: Journal | None = None
    runs: Runs | None = None

    def states(self, loan_ids: Sequence[str]) -> list[Plain | None]:
        """The state of each loan as `States.to_plain` gave it, None where there is none. Raises JournalDown."""
        if self.journal is None:
            return [None] * len(loan_ids)
        run = self.runs.latest() if self.runs else None
        found: dict[str, Plain] = dict(self.journal.states(loan_ids, after=run.kept.place if run else 0))
        missing = [loan for loan in loan_ids if loan not in found]
        if run and missing:
            found |= {
                loan: state
                for loan, row in run.lookup(missing, ("loan_id", "state_next")).items()
                if (state := _decoded(row)) is not None
            }
        return [found.get(loan) for loan in loan_ids]


NOTHING = Memory()
"""The memory of a service without a journal."""


def _decoded(row: Mapping[str, Any]) -> Plain | None:
    text = row.get("state_next")
    found: Plain | None = msgspec.json.decode(text) if text else None
    return found
