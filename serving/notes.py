"""What a reader must know about the data behind each score. Rules and texts are in `notes.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from book.dossiers import Dossiers, Rows

LANGUAGES = {"en": ", ", "zh": "、"}  # and what joins a list in each
Int = NDArray[np.int64]
Share = NDArray[np.float64]
Spans = Mapping[str, tuple[Int, Int]]
FEW = 32  # observations up to which one search after the other is faster than all at once


@dataclass(frozen=True)
class Note:
    """Something to know about the data behind one score: a stable `code`, and `text` in `en` and `zh`."""

    code: str
    text: Mapping[str, str]


def spans(dossiers: Dossiers) -> Spans:
    """First and one past the last row of each table that each observation knows on its as_of, (n,) each."""
    return {name: _span(dossiers, name, rows) for name, rows in dossiers.tables.items()}


def notes(dossiers: Dossiers, seen: Spans | None = None, assumed: Share | None = None) -> tuple[tuple[Note, ...], ...]:
    """The notes of each observation, in a fixed order; equal notes are one object.

    `seen` and `assumed` are the `spans` and the `assumed_share` of the dossiers, where they are at hand.
    """
    seen = spans(dossiers) if seen is None else seen
    assumed = assumed_share(dossiers, seen) if assumed is None else assumed
    rules = _rules()
    found: list[list[Note]] = [[] for _ in range(len(dossiers))]
    absent = tuple(name for name in rules["tables"] if name not in dossiers.tables)
    for row, note in _all(dossiers, absent, seen, assumed):
        found[row].append(note)
    return tuple(tuple(one) for one in found)


def _all(dossiers: Dossiers, absent: tuple[str, ...], seen: Spans, assumed: Share) -> Iterator[tuple[int, Note]]:
    if absent:
        note = _note("missing_tables", absent)
        yield from ((row, note) for row in range(len(dossiers)))
    yield from _feeds(dossiers, seen)
    for row, share in enumerate(assumed.tolist()):
        if share > 0:
            yield row, _note("knowledge_assumed", share=f"{share:.0%}" if share >= 0.01 else "< 1%")
    loan = dossiers.loan
    for code, marked in (
        ("data_mismatch", dossiers.mismatch[loan]),
        ("book_incomplete", ~dossiers.book_complete[_borrower(dossiers)]),
    ):
        yield from ((row, _note(code)) for row in np.flatnonzero(marked).tolist())


def _feeds(dossiers: Dossiers, seen: Spans) -> Iterator[tuple[int, Note]]:
    """Feeds whose newest row is too old on as_of, or that have no row at all."""
    as_of = dossiers.as_of[dossiers.moment].astype(np.int64)
    for name, limit in _rules()["stale_after_days"].items():
        if name not in dossiers.tables:
            continue
        day = dossiers.tables[name][TABLES[name].event_date or ""]
        first, stop = seen[name]
        for row in np.flatnonzero(stop == first).tolist():
            yield row, _note("no_rows", (name,))
        some = np.flatnonzero(stop > first)
        age = as_of[some] - day[stop[some] - 1]
        for row, days in zip(some[age > limit].tolist(), age[age > limit].tolist(), strict=True):
            yield row, _note("stale", (name,), days=days, limit=limit)


def assumed_share(dossiers: Dossiers, seen: Spans | None = None) -> Share:
    """Share of the rows known of each loan and its borrower whose time of posting is assumed."""
    assumed, known = np.zeros(len(dossiers), np.int64), np.zeros(len(dossiers), np.int64)
    for name, (first, stop) in (spans(dossiers) if seen is None else seen).items():
        known += stop - first
        marked = dossiers.tables[name]["knowledge_assumed"]
        if marked.any():
            running = np.concatenate(([0], np.cumsum(marked, dtype=np.int64)))
            assumed += running[stop] - running[first]
    return assumed / np.maximum(known, 1)


def _span(dossiers: Dossiers, name: str, rows: Rows) -> tuple[Int, Int]:
    table = TABLES[name]
    owner = dossiers.loan if table.owner == "loan" else _borrower(dossiers)
    segment = rows.segment(owner, dossiers.moment)
    first, stop = rows.offsets[segment], rows.offsets[segment + 1]
    if table.event_date is None or table.event_date not in rows:
        return first, stop
    day = rows[table.event_date]
    as_of = dossiers.as_of[dossiers.moment]
    if len(first) <= FEW:
        parts = zip(first.tolist(), stop.tolist(), as_of.tolist(), strict=True)
        return first, np.array(
            [low + int(day[low:high].searchsorted(on, "right")) for low, high, on in parts], np.int64
        )
    low, high = first.copy(), stop.copy()
    while np.any(low < high):  # binary search in every segment at once: rows are sorted by event day
        middle = (low + high) // 2
        open_ = low < high
        early = open_ & (day[np.minimum(middle, len(day) - 1)] <= as_of)
        low = np.where(early, middle + 1, low)
        high = np.where(open_ & ~early, middle, high)
    return first, low


def _borrower(dossiers: Dossiers) -> NDArray[np.int32]:
    borrower: NDArray[np.int32] = dossiers.loans["borrower_id"][dossiers.loan]
    return borrower


@cache
def _rules() -> dict[str, Any]:
    return tomllib.loads(files("serving").joinpath("notes.toml").read_text("utf-8"))


@lru_cache(maxsize=1 << 12)
def _note(code: str, tables: tuple[str, ...] = (), **values: object) -> Note:
    rules = _rules()
    text = {
        language: rules["texts"][code][language].format(
            tables=comma.join(rules["tables"][name][language] for name in tables), **values
        )
        for language, comma in LANGUAGES.items()
    }
    return Note(code, text)
