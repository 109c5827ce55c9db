"""The shelf: every loan of the last night and of the answers since, at hand in columns for the pages of the desk."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import select

from serving.backing import Backing, BookStore
from serving.desk.cases import Cases, Worst
from serving.desk.rows import NUMBERS, TEXTS, UNKNOWN, Loans, Words, loans_of, no_loans
from serving.journal import Journal
from serving.journal.schema import TYPED
from serving.memory import Run

_SCORED: Final = ("pd", "exposure", "dpd", "status", "tier", "grade", "five_class", "action")
_AGAIN: Final = 2_000


@dataclass(frozen=True)
class Snapshot:
    """The loans at a moment, the worst alert of each, and the night they are of (None: there was none)."""

    loans: Loans
    worst: Worst
    by_severity: Mapping[str, int]
    night: Any


class Shelf:
    """Follows nights and the journal. Any thread may ask; a night is read once, and only what is new after that."""

    def __init__(self, backing: Backing) -> None:
        self._backing = backing
        self._lock = threading.Lock()
        self._cases = Cases()
        self._night: Any = None
        self._base: Loans = no_loans()
        self._answers: dict[str, tuple[int, Mapping[str, Any]]] = {}
        self._seen = 0
        self._snapshot: Snapshot | None = None

    def now(self) -> Snapshot:
        """The loans as they are now. Raises NoJournal, JournalDown."""
        journal = self._backing.kept()
        with self._lock:
            moved = self._follow_nights()
            moved |= self._follow_answers(journal)
            moved |= self._cases.refresh(journal)
            if moved or self._snapshot is None:
                loans = self._base.with_({loan: plain for loan, (_, plain) in self._answers.items()})
                self._snapshot = Snapshot(loans, self._cases.worst(loans), self._cases.by_severity(), self._night)
            return self._snapshot

    def _follow_nights(self) -> bool:
        runs = self._backing.memory.runs
        run = runs.latest() if runs else None
        if run is None or (self._night is not None and self._night.place == run.kept.place):
            return False
        self._base = _of_night(run, self._backing.store)
        self._night, self._seen, self._answers = run.kept, run.kept.place, {}
        return True

    def _follow_answers(self, journal: Journal) -> bool:
        """The newest score of every loan that was answered about since the night."""
        table, since = TYPED["score"], self._night.place if self._night else 0
        names = ("place", "loan_id", "borrower_id", "as_of", *_SCORED)
        question = select(*(table.c[name] for name in names)).where(table.c.place > max(since, self._seen - _AGAIN))
        moved = False
        with journal.connection() as connection:
            for row in connection.execute(question.order_by(table.c.place)):
                place, held = int(row.place), self._answers.get(row.loan_id)
                if held is None or held[0] < place:
                    self._answers[row.loan_id] = (place, dict(row._mapping))
                    moved = True
                self._seen = max(self._seen, place)
        return moved


def _of_night(run: Run, store: BookStore | None) -> Loans:
    """The loans of a night in columns; products come from the store."""
    table = run.columns(("loan_id", "borrower_id", *_SCORED))
    ids = table["loan_id"].to_pylist()
    products = store.loan_words("product") if store is not None else {}
    n = len(ids)
    numbers = {
        "pd": _column(table, "pd", np.nan, NUMBERS["pd"]),
        "exposure": _column(table, "exposure", UNKNOWN, NUMBERS["exposure"]),
        "dpd": _column(table, "dpd", UNKNOWN, NUMBERS["dpd"]),
        "as_of": np.full(n, run.kept.entry.as_of, NUMBERS["as_of"]),
    }
    words = {name: _words(table[name]) for name in TEXTS if name != "product"}
    words["product"] = Words.of([products.get(loan) for loan in ids])
    return loans_of(ids, table["borrower_id"].to_pylist(), numbers, words)


def _words(column: Any) -> Words:
    """A text column of an Arrow table; "" counts as none."""
    found = column.combine_chunks().dictionary_encode()
    names = tuple(found.dictionary.to_pylist())
    codes = found.indices.fill_null(UNKNOWN).to_numpy(zero_copy_only=False).astype(np.int16)
    return Words(np.where(codes == names.index(""), np.int16(UNKNOWN), codes) if "" in names else codes, names)


def _column(table: Any, name: str, missing: float, kind: Any) -> Any:
    return np.asarray(table[name].fill_null(missing).to_numpy(zero_copy_only=False)).astype(kind)
