"""Scoring on Apache Spark: PD, tier, status and reasons for a book of any size, as the batch on one machine gives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from book.errors import Refusal
from book.known import known
from book.load.part import Loaded
from book.load.spark import Batches, Work, listed
from book.request import decode, example
from book.settings import Settings
from book.spark import SparkBook, by_borrower, portable, write_file
from features.context import Context
from features.sent import SentCatalogue
from models.bundle import FACTS_FILE, MODEL_FILE
from models.opening import load_bundle
from policy.pack import Pack
from serving.batch import MANIFEST, champion_folder, context_beside, score_part
from serving.files import nested_table
from serving.scorer import Scorer


@dataclass(frozen=True)
class SentScorer:
    """All that makes a scorer, as it goes to an executor: the files of the bundle are bytes."""

    bundle: tuple[tuple[str, bytes], ...]
    pack: Pack
    catalogue: SentCatalogue
    context: Context | None

    def opened(self, settings: Settings) -> Scorer:
        """The scorer; its bundle is checked like any other. Raises BundleRefused where it cannot be used here."""
        catalogue = self.catalogue.opened()
        with TemporaryDirectory() as folder:
            for name, content in self.bundle:
                (Path(folder) / name).write_bytes(content)
            bundle = load_bundle(Path(folder), catalogue)
        return Scorer(bundle, self.pack, settings, 1, catalogue, self.context)


def score(
    book: SparkBook,
    as_of: int,
    bundle: Path,
    pack: Pack,
    *,
    own: Sequence[Path | str] = (),
    context: Context | None = None,
    buckets: int | None = None,
) -> DataFrame:
    """Score every loan of `book` that was known on `as_of` (days since 1970-01-01) with the bundle in a folder.

    One row per loan, in no order, with the columns of scores.parquet and `reasons`, a list of structs with the columns
    of reasons.parquet. `own` are the files with features of one's own that the bundle was trained with, `context` the
    figures of cohorts. Raises BundleRefused, before any task runs, where the bundle cannot be used.
    """
    catalogue = SentCatalogue.of(own)
    load_bundle(bundle, catalogue.opened())
    files = tuple((name, (bundle / name).read_bytes()) for name in (FACTS_FILE, MODEL_FILE))
    sent = SentScorer(files, pack, catalogue, context)
    return by_borrower(book, _scoring(sent, portable(book.settings), as_of), _schema(sent, book), buckets)


def write_scores(
    book: SparkBook, as_of: int, models_dir: Path, out: Path | str, pack: Pack, own: Sequence[Path | str] = ()
) -> dict[str, Any]:
    """Write `score` with the champion of `models_dir` as Parquet into `out`; returns the manifest, written last.

    `out` is a path or an address that Spark writes. Raises Refusal where `out` is there
    already or there is no champion.
    """
    place, spark = str(out).rstrip("/"), book.spark
    if listed(spark, place):
        raise Refusal(f"{place}: is there already; allowed is a new folder")
    folder, context = champion_folder(models_dir), context_beside(models_dir)
    score(book, as_of, folder, pack, own=own, context=context).write.option("compression", "zstd").parquet(place)
    tiers = spark.read.parquet(place).groupBy("tier").count().collect()
    manifest = {
        "as_of": str(np.datetime64(as_of, "D")),
        "loans": sum(row["count"] for row in tiers),
        "tiers": {str(row["tier"]): row["count"] for row in tiers if row["tier"] is not None},
        "model": folder.name,
        "policy": {"id": pack.id, "version": pack.version, "hash": pack.hash},
        "context": context.hash if context else None,
    }
    write_file(spark, f"{place}/{MANIFEST}", json.dumps(manifest, indent=1).encode())
    return manifest


def _schema(sent: SentScorer, book: SparkBook) -> pa.Schema:
    """The columns of the result: those of the worked example of a request, scored here."""
    request = decode(msgspec.json.encode(example()), Settings(), book.pseudonyms)
    days = np.full(len(request.loans), request.as_of, np.int32)
    dossiers = known(request.tables, request.loans, days, settings=Settings())
    return nested_table(sent.opened(Settings()).score(dossiers)).schema


def _scoring(sent: SentScorer, settings: Settings, as_of: int) -> Work:
    def scoring(loaded: Loaded) -> Batches:
        scorer = sent.opened(settings)
        for scores in score_part(loaded.tables, as_of, scorer):
            yield from nested_table(scores).to_batches()

    return scoring
