"""Judging a model before it may serve: intervals, drift, backtest, leaks, fairness, rivals, and the gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.load import Book
from features.catalogue import CATALOGUE, Catalogue
from models.opening import load_bundle
from models.predict import Model
from monitoring.bootstrap import REPLICATES, intervals
from policy.pack import Pack, load_pack
from policy.tiers import grade
from training.attributes import attributes
from training.case import Canaries, Case, Rival, Sample
from training.config import Config, Progress
from training.gates.future import changed_by_future
from training.gates.leaks import permuted
from training.gates.pack import GatePack, load_gates
from training.gates.verdict import verdicts
from training.promote import BUNDLES, champion_id
from training.result import TrainResult
from training.split import OOT, TRAIN
from training.spool import BATCH
from training.studies import studies
from training.tiers import tier_by_pd
from training.validation import Validation

Steps = Callable[[str], Progress]


def validate(
    result: TrainResult,
    book: Book | None = None,
    models_dir: Path | None = None,
    gates: GatePack | None = None,
    pack: Pack | None = None,
    catalogue: Catalogue = CATALOGUE,
    replicates: int = REPLICATES,
    steps: Steps | None = None,
) -> Validation:
    """Judge a finished run on its out-of-time slice; nothing is written.

    `book` is measured again for the canaries and read for attributes, `models_dir` holds the champion to beat; without
    them the gates that need them do not apply. `gates` and `pack` (grades and tiers) are those of the product unless
    given. `steps(title)` gives the progress callback of a stage.
    """
    gates, pack = gates or load_gates(), pack or load_pack()
    case = case_of(result, book, models_dir, pack, catalogue, replicates, steps)
    found = [one.plain() for one in verdicts(case, gates)]
    bar = steps("Studying months and segments") if steps else None
    data = {
        "bundle": result.bundle.id,
        "target": result.bundle.target,
        "pack": _named(gates),
        "policy": {"id": pack.id, "version": pack.version, "hash": pack.hash},
        "champion": case.rival.id,
        "gates": found,
        "overall": {name: asdict(one) for name, one in case.overall.items()},
        **studies(case, result, catalogue, bar),
    }
    return Validation(case, plain(data))


def case_of(
    result: TrainResult,
    book: Book | None,
    models_dir: Path | None,
    pack: Pack,
    catalogue: Catalogue = CATALOGUE,
    replicates: int = REPLICATES,
    steps: Steps | None = None,
) -> Case:
    """The case of a run."""
    every = result.rows
    judged, then = every.at(OOT), np.flatnonzero(every.role == TRAIN)
    rows, pd = every.facts().take(judged), result.pd[judged]
    bar = steps("Drawing borrowers") if steps else None
    return Case(
        rows=rows,
        names=catalogue.names,
        sample=Sample.of(every.x, judged),
        then_sample=Sample.of(every.x, then),
        pd=pd,
        grade=grade(pd, pack),
        grades=tuple(one.code for one in pack.grades),
        tier=tier_by_pd(pd, pack),
        tiers=tuple(one.code for one in pack.tiers),
        then_pd=result.pd[then],
        then_borrower=every.borrower[then],
        horizon=result.bundle.horizon,
        certificate=result.bundle.certificate,
        overall=intervals(rows.y, pd, rows.borrower, replicates, progress=bar),
        rival=rival(every.x, judged, models_dir, result.bundle.target, catalogue),
        canaries=_canaries(result, book, catalogue, steps),
        baselines={name: values[judged] for name, values in result.baselines.items()},
        groups=attributes(book, rows.borrower) if book else {},
        replicates=replicates,
    )


def rival(
    x: NDArray[np.float32], index: NDArray[np.intp], models_dir: Path | None, target: str, catalogue: Catalogue
) -> Rival:
    """The champion of a models folder on the rows `index` (n,) of x."""
    held = champion_id(models_dir) if models_dir else None
    if models_dir is None or held is None:
        return Rival()
    try:
        bundle = load_bundle(models_dir / BUNDLES / held, catalogue)
    except ValueError as refused:
        return Rival(held, None, f"the champion cannot score these loans: {refused}")
    if bundle.target != target:
        return Rival(held, None, f"the champion predicts {bundle.target}, not {target}")
    model = Model(bundle)
    parts = [model.pd(np.asarray(x[part])) for part in np.array_split(index, len(index) // BATCH + 1)]
    return Rival(held, np.concatenate(parts), "")


def plain(value: Any) -> Any:
    """As JSON has it: figures that are not known become None."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _canaries(result: TrainResult, book: Book | None, catalogue: Catalogue, steps: Steps | None) -> Canaries:
    if steps:
        steps("Looking for leaks")
    config = Config(seed=int(result.parameters.get("seed", 0)), threads=int(result.parameters.get("threads", 1)))
    shuffled = permuted(result.rows, catalogue.names, catalogue.monotone, config)
    if book is None:
        return Canaries(shuffled)
    changed, measured = changed_by_future(book, result.split, catalogue, result.context)
    return Canaries(shuffled, changed, measured)


def _named(gates: GatePack) -> dict[str, str]:
    return {
        "id": gates.id,
        "version": gates.version,
        "valid_from": gates.valid_from.isoformat(),
        "owner": gates.owner,
        "source": gates.source,
        "hash": gates.hash,
    }
