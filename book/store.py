"""The store: what was known of every borrower at the last nightly run, and what came since.

A re-score reads the rows of the nightly book and later events, and cleans them with the code that cleans a book or a
request; what follows (`known`, features, scores) is the same code too, so the bits are the same.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol, Self

import numpy as np

from book.check.clean import clean
from book.check.findings import Findings
from book.contract import TABLES
from book.encoding.columns import Read
from book.errors import Refusal
from book.pseudonym import Pseudonyms, pseudonyms_from_environment
from book.settings import Settings
from book.store_events import EventRows, KeptEvent, keep, reads_of
from book.store_index import candidates
from book.store_joined import joined, with_later
from book.store_part import Found, StoredPart
from book.store_rows import CURRENT, FORM, MANIFEST, Kept
from book.tables import MISSING_DAY, NEVER, Tables

_OPEN_PARTS: Final = 256
HELD: Final = 3
"""Generations that stay open: the one in force, and those that were asked for last."""
_KEPT: Final = Kept()


class UnknownLoan(LookupError):
    """A loan or borrower that the store does not hold."""


class Events(Protocol):
    """Where later events are kept: rows of borrowers received after one moment and not after another, in order."""

    def event_rows(self, borrower_ids: Sequence[str], after: int, upto: int) -> Sequence[EventRows]:
        """The rows of each event, by table, as `Store.keep_event` made them."""


class Generation:
    """One nightly state of the book, read only."""

    def __init__(self, folder: Path) -> None:
        try:
            manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise Refusal(f"{folder}: not a generation of the store; got: {error}") from None
        if manifest["form"] != FORM:
            raise Refusal(f"{folder}: got form {manifest['form']}, this code reads {FORM}; allowed: run nightly anew")
        self.id = str(manifest["name"])
        self.as_of = int(manifest["as_of"])
        self.cutoff = int(manifest["cutoff"])
        self.settings = replace(_settings(manifest["settings"]), received_at=None)  # events come later
        self._folder = folder
        self._parts: list[str] = manifest["parts"]
        self._open: OrderedDict[int, StoredPart] = OrderedDict()
        self._lock = threading.Lock()
        self._borrowers = Found(folder / "borrowers.arrow")
        self._loans = Found(folder / "loans.arrow")

    def borrower(self, borrower_id: str) -> tuple[StoredPart, int]:
        """The part of a borrower and its place there. Raises UnknownLoan."""
        for at in candidates(self._borrowers.keys, borrower_id):
            part, place = self.part(int(self._borrowers.part[at])), int(self._borrowers.place[at])
            if part.name(place) == borrower_id:
                return part, place
        raise UnknownLoan(f"borrower {borrower_id} is not in the book of {self.id}")

    def loan(self, loan_id: str) -> tuple[StoredPart, int]:
        """The part of a loan and the place of its borrower. Raises UnknownLoan."""
        for at in candidates(self._loans.keys, loan_id):
            part, place = self.part(int(self._loans.part[at])), int(self._loans.place[at])
            if part.loan(place) == loan_id:
                return part, part.borrower_of(place)
        raise UnknownLoan(f"loan {loan_id} is not in the book of {self.id}")

    def loan_words(self, column: str) -> dict[str, str]:
        """A text column of the table of contracts by loan id."""
        return {loan: word for k in range(len(self._parts)) for loan, word in self.part(k).loan_words(column) if word}

    def part(self, number: int) -> StoredPart:
        """A part; those used last stay open."""
        with self._lock:
            found = self._open.pop(number, None) or StoredPart(self._folder / self._parts[number])
            self._open[number] = found
            if len(self._open) > _OPEN_PARTS:
                self._open.popitem(last=False)
            return found


class Store:
    """The generations in a folder, the newest finished one in force, and the events that came after it.

    Safe to use from any thread. `events` is where later events are kept (the journal); None = there are none.
    """

    def __init__(self, root: Path, pseudonyms: Pseudonyms, events: Events | None) -> None:
        self._root = root
        self._pseudonyms = pseudonyms
        self._events = events
        self._held: OrderedDict[str, Generation] = OrderedDict()
        self._lock = threading.Lock()
        self._now = self._read_pointer()

    @classmethod
    def open(cls, root: Path, pseudonyms: Pseudonyms | None = None, events: Events | None = None) -> Self:
        """The store in a folder that `StoreWriter` wrote. Raises Refusal where there is none."""
        return cls(root, pseudonyms or pseudonyms_from_environment(), events)

    def refresh(self) -> bool:
        """Look for a newer generation; whether there was one. Requests under way keep the one they began with."""
        before, self._now = self._now, self._read_pointer()
        return before.id != self._now.id

    @property
    def generation(self) -> Generation:
        """The generation in force."""
        return self._now

    def get(self, name: str) -> Generation:
        """An older generation. Raises Refusal where it was removed."""
        with self._lock:
            found = self._held.pop(name, None) or Generation(self._root / name)
            self._held[name] = found
            if len(self._held) > HELD:
                self._held.popitem(last=False)
            return found

    def borrower_of(self, loan_id: str) -> str:
        """The pseudonym of a loan's borrower. Raises UnknownLoan."""
        part, place = self._now.loan(loan_id)
        return part.name(place)

    def loans_of(self, borrower_id: str) -> list[str]:
        """The ids of a borrower's loans. Raises UnknownLoan."""
        part, place = self._now.borrower(borrower_id)
        return part.loans_of(place)

    def loan_words(self, column: str) -> dict[str, str]:
        """A text column of the table of contracts, such as the product, by loan id; as of the last night."""
        return self._now.loan_words(column)

    def tables(self, borrower_ids: Sequence[str], upto: int | None = None, generation: str | None = None) -> Tables:
        """The tables of borrowers: the nightly rows and the events received up to a moment (UTC microseconds).

        `upto` None: all events. `generation` names an older state of the book. Raises UnknownLoan, Refusal.
        """
        base = self._now if generation is None else self.get(generation)
        made = clean(self._reads(base, borrower_ids, upto), base.settings, _KEPT, Findings())
        return with_faults(made.tables, [base.borrower(borrower) for borrower in sorted(set(borrower_ids))])

    def reads(self, borrower_ids: Sequence[str], upto: int | None = None) -> dict[str, Read]:
        """The rows that `tables` cleans, as if just read; all have numbers below 0."""
        return {name: _renumbered(read) for name, read in self._reads(self._now, borrower_ids, upto).items()}

    def _reads(self, base: Generation, borrower_ids: Sequence[str], upto: int | None) -> dict[str, Read]:
        until = NEVER if upto is None else upto
        later = self._events.event_rows(borrower_ids, base.cutoff, until) if self._events else ()
        return with_later(self._base(base, borrower_ids), reads_of(later))

    def keep_event(self, tables: Mapping[str, Any], received_at: int) -> list[KeptEvent]:
        """New rows about known loans, checked against what is known of them, one event a borrower, pseudonymised.

        `tables` are lists of rows by table, as in a request. Raises RequestRefused with the path of every fault.
        """
        return keep(tables, received_at, self, self._pseudonyms)

    def _base(self, base: Generation, borrower_ids: Sequence[str]) -> dict[str, Read]:
        """The nightly rows of borrowers."""
        by_part: dict[int, tuple[StoredPart, list[int]]] = {}
        for borrower_id in sorted(set(borrower_ids)):
            part, place = base.borrower(borrower_id)
            by_part.setdefault(id(part), (part, []))[1].append(place)
        names = [name for name in TABLES if any(name in part.tables for part, _ in by_part.values())]
        found = [part.reads(places, names) for part, places in by_part.values()]
        return {name: _renumbered(joined([reads[name] for reads in found if name in reads])) for name in names}

    def _read_pointer(self) -> Generation:
        pointer = self._root / CURRENT
        try:
            name = pointer.read_text("utf-8").strip()
        except OSError:
            raise Refusal(f"{pointer}: no store; got: no such file; allowed: a folder that `nightly` wrote") from None
        return self.get(name)


def _renumbered(read: Read) -> Read:
    return Read(read.table, read.columns, np.arange(-len(read.rows), 0, dtype=np.int64))


def with_faults(tables: Tables, owners: Sequence[tuple[StoredPart, int]]) -> Tables:
    """The tables with the faults that the load of the book found in rows that are not here."""
    faults = [part.faults(place) for part, place in owners]
    if not any(len(loan) for loan, _, _ in faults):
        return tables
    counts = [len(part.loans_of(place)) for part, place in owners]
    first = np.cumsum([0, *counts])
    loan = np.concatenate([tables.extra["fault_loan"], *(f[0] + at for f, at in zip(faults, first, strict=False))])
    on = np.concatenate([tables.extra["fault_on"], *(f[1] for f in faults)])
    posted = np.concatenate([tables.extra["fault_posted_at"], *(f[2] for f in faults)])
    latest = np.full(len(tables.loan_ids), MISSING_DAY, np.int32)
    np.maximum.at(latest, loan.astype(np.int64), on.astype(np.int32))
    extra = {"fault_loan": loan.astype(np.int32), "fault_on": on.astype(np.int32), "fault_posted_at": posted}
    whole = {field: getattr(tables, field) for field in tables.__dataclass_fields__}
    return Tables(**whole | {"data_fault_on": latest, "extra": dict(tables.extra) | extra})


def _settings(plain: dict[str, Any]) -> Settings:
    values = plain | {
        "default_events": tuple(plain["default_events"]),
        "posting_lag_days": MappingProxyType(plain["posting_lag_days"]),
    }
    return Settings(**values)
