"""Judging against the champion of today: the out-of-time loans measured anew and scored by both models."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from book.errors import Refusal
from book.load import Book
from features.catalogue import CATALOGUE, Catalogue
from features.context_file import CONTEXT, read_context
from models.opening import load_bundle
from models.predict import Model
from monitoring.bootstrap import paired
from monitoring.target import Target
from training.config import Config, Progress
from training.data import Rows, gather, span
from training.evidence import evidence_folder, read_judged, read_validation, rewrite
from training.gates.pack import load_gates
from training.gates.verdict import Found, verdict
from training.promote import BUNDLES, champion_id
from training.split import Split, split_of
from training.spool import in_batches

MEASURE = "auc_over_champion"


def rejudge(
    book: Book,
    models_dir: Path,
    bundle_id: str,
    catalogue: Catalogue = CATALOGUE,
    gates: str | Path = "standard",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Renew what the evidence of a bundle says of the champion, whoever that is now; the validation as it stands then.

    Raises Refusal where there is no champion, or the book does not give the loans that the bundle was judged on.
    """
    held = champion_id(models_dir)
    if held is None:
        raise Refusal(f"{models_dir} has no champion to compare with")
    judged, validation = read_judged(models_dir, bundle_id), read_validation(models_dir, bundle_id)
    challenger, champion = (load_bundle(models_dir / BUNDLES / one, catalogue) for one in (bundle_id, held))
    target = Target.named(challenger.target, book.settings)
    book = replace(book, settings=target.applied(book.settings))
    split = split_of(challenger.dates)
    late = Split(split.oot_first, split.oot_first - 1, split.oot_first, split.oot_last)
    path = evidence_folder(models_dir, bundle_id) / CONTEXT
    context = read_context(path) if path.is_file() else None
    cutoff = span(book)[1]
    rows = gather(book, late, target, cutoff, Config(), progress, catalogue, context).rows
    rows = rows.take(~np.isnan(rows.y))
    _refuse_others(rows, judged, bundle_id)
    pd = in_batches(Model(champion).pd, rows.x)
    return _renewed(judged.with_columns(champion_pd=pl.Series(pd)), validation, held, models_dir, gates)


def _renewed(
    judged: pl.DataFrame, validation: dict[str, Any], held: str, models_dir: Path, gates: str | Path
) -> dict[str, Any]:
    y, pd, other = (judged[name].to_numpy() for name in ("y", "pd", "champion_pd"))
    gap = Found.of("", paired(y, pd, other, judged["borrower"].to_numpy()), int(y.sum()))
    found = {
        gate.id: verdict(gate, float(y.mean()), [gap]).plain()
        for gate in load_gates(gates).gates
        if gate.measure == MEASURE
    }
    renewed = [found.get(one["gate"], one) for one in validation["gates"]]
    validation = {**validation, "champion": held, "gates": renewed, "champion_gap": asdict(gap)}
    rewrite(models_dir, validation, judged)
    return validation


def _refuse_others(rows: Rows, judged: pl.DataFrame, bundle_id: str) -> None:
    there = judged["as_of"].cast(pl.Int32).to_numpy()
    same = len(rows) == len(judged) and bool(
        np.array_equal(rows.loan, judged["loan"].to_numpy()) and np.array_equal(rows.as_of, there)
    )
    if not same:
        raise Refusal(
            f"the book gives {len(rows)} out-of-time rows that are not the {len(judged)} that bundle {bundle_id[:12]} "
            "was judged on; allowed is the same book"
        )
