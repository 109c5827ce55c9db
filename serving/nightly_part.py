"""One part of a nightly run, from the files of the book to its rows, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import msgspec
import numpy as np
import pyarrow as pa

from book.errors import Refusal
from book.known import known
from book.load import load
from book.tables import Tables
from features.context_file import read_context
from features.own import catalogue_with
from models.opening import load_bundle
from policy.pack import load_pack
from policy.state import States
from serving.journal.segments import write_rows
from serving.judging import groups, judge
from serving.nightly_means import CHECKED, NOBODY, Means, PieceOfNight, cutoff_of, store_of
from serving.nightly_rows import Plain, night_rows, with_kinds
from serving.scorer import Scorer

CHUNK = 5_000  # loans judged in one call: bounds memory, changes no result


def judge_part(piece: PieceOfNight) -> str:
    """Check, keep, score and decide on all loans of a part, then write its rows; its name.

    Everything is written whole or not at all, rows last; done a second time it gives the same bytes.
    Raises Refused where the part cannot be accepted.
    """
    means = piece.means
    loaded = load(piece.source, means.settings)
    if not (means.store / means.name).exists():
        store_of(means).add(piece.part, loaded)
    tables = list(_chunks(loaded.tables, means))
    if not tables:
        piece.rows.with_suffix(NOBODY).touch()
        return piece.part
    report = loaded.report
    found = {"rows": dict(report.rows), "quarantined": dict(report.quarantined), "dropped": dict(report.dropped)}
    rows = pa.concat_tables(tables).combine_chunks()
    write_rows(piece.rows, rows.replace_schema_metadata({CHECKED: json.dumps(found, sort_keys=True)}))
    return piece.part


def _chunks(tables: Tables, means: Means) -> Iterator[pa.Table]:
    """The rows of every loan paid out and known; all loans of a borrower in one chunk."""
    scorer, loans = _scorer(_Key(means)), tables["loans"]
    there = (loans["disbursed_on"] <= means.as_of) & (loans["posted_at"] <= cutoff_of(means))
    positions = np.flatnonzero(there).astype(np.int32)
    if not len(positions):
        return
    dossiers = known(tables, positions, np.full(len(positions), means.as_of, np.int32), settings=means.settings)
    states = _states(tables.loan_ids[positions].tolist(), means)
    for some in groups(tables.borrower_of[positions], CHUNK):
        picked = replace(dossiers, loan=dossiers.loan[some], moment=dossiers.moment[some])
        used = states[some]
        rows = night_rows(judge(picked, scorer, States.from_plain(used, scorer.pack)), used)
        yield with_kinds(rows, loans, positions[some])


def _states(loans: list[str], means: Means) -> list[Plain]:
    """The policy's state of each loan: of the run before, or of what was answered since."""
    found: list[Plain] = means.before.states(loans) if means.before else [None] * len(loans)
    since: dict[str, Plain] = msgspec.json.decode(means.states.read_bytes())
    return [since.get(loan, state) for loan, state in zip(loans, found, strict=True)] if since else found


def ready(means: Means) -> bool:
    """Make what all parts are judged with; whether it was not there yet."""
    made = _scorer.cache_info().misses
    _scorer(_Key(means))
    return _scorer.cache_info().misses > made


class _Key:
    """What makes a scorer, hashed by what it is of, so that a process makes it once."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self._of = (means.name, means.bundle, means.context, means.own, str(means.pack), means.pack_hash)

    def __hash__(self) -> int:
        return hash(self._of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other._of == self._of


@lru_cache(maxsize=1)
def _scorer(key: _Key) -> Scorer:
    means = key.means
    catalogue, pack = catalogue_with(means.own), load_pack(means.pack, means.as_of)
    if pack.hash != means.pack_hash:
        raise Refusal(f"policy pack {means.pack}: was changed while the run went on; allowed: begin the run anew")
    context = read_context(means.context) if means.context else None
    return Scorer(load_bundle(means.bundle, catalogue), pack, means.settings, 1, catalogue, context)
