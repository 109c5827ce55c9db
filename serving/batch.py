"""Scoring a whole book: part by part into Parquet files that appear together or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from book.clock import end_of_day
from book.dossiers import Dossiers
from book.errors import Refusal
from book.known import known
from book.load import Book, load
from book.tables import Tables
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.context_file import CONTEXT, read_context
from models.opening import load_bundle
from policy.pack import Pack
from serving.champion import POINTER
from serving.files import REASONS, SCORES, reason_table, score_table
from serving.judging import groups, judge
from serving.scorer import Scorer
from serving.scores import Scores
from serving.summary import Summary, Tally
from serving.whole import whole_folder

CHUNK = 5_000  # loans scored in one call: bounds memory, changes no score
SUMMARY = "summary.csv"
MANIFEST = "manifest.json"
Step = Callable[[int, int], None]


def champion_folder(models_dir: Path) -> Path:
    """The bundle folder that the champion pointer names; Refusal where there is none."""
    pointer = models_dir / POINTER
    if not pointer.is_file():
        raise Refusal(f"{pointer}: no champion; got: no such file; allowed: a folder that `loanwatch train` wrote")
    return models_dir / "bundles" / pointer.read_text("utf-8").strip()


def context_beside(models_dir: Path) -> Context | None:
    """The cohort figures that `loanwatch train` left in the models folder; None where there are none."""
    path = models_dir / CONTEXT
    return read_context(path) if path.is_file() else None


def score_book(
    book: Book,
    as_of: int,
    models_dir: Path,
    out: Path,
    pack: Pack,
    progress: Step | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Summary:
    """Score every loan of `book` that was known on `as_of` (days since 1970-01-01) with the champion.

    Writes scores.parquet, reasons.parquet, summary.csv and manifest.json to the folder `out`, which is
    replaced as a whole at the end; a failed run leaves it as it was. `progress` is called as (parts done,
    parts). Raises Refusal where the champion, the book or `out` cannot be used.
    """
    bundle = load_bundle(champion_folder(models_dir), catalogue)
    scorer = Scorer(bundle, pack, book.settings, 0, catalogue, context_beside(models_dir))
    tally = Tally((*(tier.code for tier in pack.tiers), pack.state_d.code), scorer.statuses)
    with whole_folder(out, marker=MANIFEST) as folder:
        with ExitStack() as stack:
            files = _Files(folder, stack)
            for done, part in enumerate(book.parts, 1):
                for scores in score_part(load(part, book.settings).tables, as_of, scorer):
                    files.write(scores)
                    tally.add(scores)
                if progress:
                    progress(done, len(book.parts))
        summary = tally.summary()
        if not summary.loans:
            day = np.datetime64(as_of, "D")
            raise Refusal(f"{book.folder}: no loan was known on {day}; nothing to score")
        (folder / SUMMARY).write_text(summary.csv(), "utf-8")
        manifest = _manifest(book, as_of, scorer, summary) | {"files": _hashes(folder)}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return summary


def score_part(tables: Tables, as_of: int, scorer: Scorer, chunk: int = CHUNK) -> Iterator[Scores]:
    """Scores of every loan paid out and known by the end of `as_of`, about `chunk` loans at a time.

    All loans of a borrower are judged together: what one is classed as may decide about the others.
    """
    cutoff = int(end_of_day(np.array([as_of]), scorer.settings.timezone)[0])
    loans = tables["loans"]
    there = (loans["disbursed_on"] <= as_of) & (loans["posted_at"] <= cutoff)
    positions = np.flatnonzero(there).astype(np.int32)
    if not len(positions):
        return
    dossiers = known(tables, positions, np.full(len(positions), as_of, np.int32), settings=scorer.settings)
    for some in groups(tables.borrower_of[positions], chunk):
        yield judge(_some(dossiers, some), scorer).scores


def _some(dossiers: Dossiers, some: slice) -> Dossiers:
    return replace(dossiers, loan=dossiers.loan[some], moment=dossiers.moment[some])


class _Files:
    """The two Parquet files, opened with the first chunk and closed with the stack."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._writers: dict[str, pq.ParquetWriter] = {}

    def write(self, scores: Scores) -> None:
        """Append a chunk."""
        for name, table in ((SCORES, score_table(scores)), (REASONS, reason_table(scores))):
            self._writer(name, table.schema).write_table(table)

    def _writer(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        if name not in self._writers:
            writer = pq.ParquetWriter(self._folder / name, schema, compression="zstd")
            self._writers[name] = self._stack.enter_context(writer)
        return self._writers[name]


def _manifest(book: Book, as_of: int, scorer: Scorer, summary: Summary) -> dict[str, Any]:
    """What was scored with what: enough to do it again to the same bits."""
    settings = asdict(replace(scorer.settings, posting_lag_days={}))
    return {
        "as_of": str(np.datetime64(as_of, "D")),
        "loans": summary.loans,
        "knowledge_assumed": summary.assumed,
        "book": {"hash": book.hash(), "parts": len(book.parts)},
        "settings": settings | {"posting_lag_days": dict(scorer.settings.posting_lag_days)},
        "model": {
            "id": scorer.bundle.id,
            "target": scorer.bundle.target,
            "horizon_months": scorer.bundle.horizon,
            "explainer": scorer.explained_by,
        },
        "policy": {"id": scorer.pack.id, "version": scorer.pack.version, "hash": scorer.pack.hash},
    }


def _hashes(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
    }
