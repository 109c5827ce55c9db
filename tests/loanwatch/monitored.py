"""Two real bundles on the small book, with the evidence that monitoring holds them against."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl

from book.clock import month_end
from book.known import known
from book.load import Book, load
from features.catalogue import CATALOGUE
from features.history import History
from features.standing import STATUSES, standing
from loanwatch.monitor_rows import Job, gather
from models.bundle import Bundle, Golden
from models.calibration import Calibration
from models.predict import Model
from models.reference import population
from monitoring.csi import reference
from monitoring.target import Target
from monitoring.timeline.counts import ALL, BUCKETS, Baseline, Counts

MONTHS = ("2023-11", "2023-12")
DAYS = tuple(month_end(np.array([646, 647])).tolist())
BINNED = 12


def rows_of(book: Book) -> np.ndarray:
    """Features of every scored loan at six month ends of 2023."""
    days, found = month_end(np.arange(637, 649, 2)), []
    for part in book.parts:
        tables = load(part, book.settings).tables
        loan = np.arange(len(tables.loan_ids), dtype=np.int32)
        h = History(known(tables, np.tile(loan, len(days)), np.repeat(days, len(loan))), book.settings)
        found.append(CATALOGUE.matrix(h)[standing(h) == STATUSES.index("scored")])
    return np.concatenate(found)


def bundle(book: Book, x: np.ndarray, trees: int) -> Bundle:
    """A model whose labels are a noisy function of some features."""
    odds = np.nan_to_num(x).argsort(axis=0).argsort(axis=0)[:, :8].mean(axis=1) / len(x)
    y = (odds + np.random.default_rng(trees).normal(0, 0.1, len(x)) > 0.6).astype(int)
    parameters = {"objective": "binary", "num_leaves": 15, "min_data_in_leaf": 10, "verbose": -1, "num_threads": 1}
    text = lightgbm.train(parameters, lightgbm.Dataset(x.astype(np.float64), y), trees).model_to_string()
    bias = lightgbm.Booster(model_str=text).predict(x[:1].astype(np.float64), pred_contrib=True)

    def made(golden: Golden) -> Bundle:
        return Bundle(
            target="default_12m", horizon=12, features=CATALOGUE.names, fingerprint=CATALOGUE.fingerprint,
            model_text=text, calibration=Calibration("platt", slope=0.9, intercept=-1.0), reference=population(x),
            expected=float(np.asarray(bias)[0, -1]), golden=golden,
            settings=asdict(replace(book.settings, posting_lag_days={})),
        )  # fmt: skip

    model = Model(made(Golden(x[:0], np.zeros(0), np.zeros(0))))
    return made(Golden(x[:5], model.raw(x[:5]), model.pd(x[:5])))


def models_folder(book: Book, folder: Path) -> tuple[Path, str, str]:
    """A models folder with a champion and another bundle; their ids."""
    x = rows_of(book)
    champion, other = bundle(book, x, 40), bundle(book, x, 15)
    for one in (champion, other):
        one.save(folder / "bundles" / one.id)
    (folder / "champion").write_text(champion.id)
    judge(book, folder, champion, x)
    return folder, champion.id, other.id


def judge(book: Book, folder: Path, champion: Bundle, x: np.ndarray) -> None:
    """Evidence as if the champion had been judged on the very months that are monitored: nothing has moved."""
    names = CATALOGUE.names
    drawn = reference(np.column_stack([np.linspace(0, 1, len(x), dtype=np.float32), x]), ("pd", *names), np.arange(300))
    baseline = Baseline(dict.fromkeys(BUCKETS, drawn))
    target = Target.named("default_12m", book.settings, 12, None)
    settings = target.applied(book.settings)
    cutoff = book.settings.received_at or 0
    job = Job(folder, champion.id, "", "standard", target, settings, DAYS, cutoff, baseline, names)
    rows, counts = gather(book, job, folder / "work", 1, lambda *_: None)
    evidence = folder / "evidence" / champion.id
    evidence.mkdir(parents=True)
    (evidence / "reference.json").write_text(json.dumps(plain(rows, counts, baseline)))
    (evidence / "validation.json").write_text(json.dumps({"overall": {"auc": {"low": 0.6}}}))


def plain(rows: pl.DataFrame, counts: Counts, baseline: Baseline) -> dict[str, object]:
    """`reference.json`: what was counted, as what was judged."""
    then, at = baseline.by_bucket[ALL], BUCKETS.index(ALL)
    score = then.bins["pd"].counts(rows["pd"].to_numpy().astype(np.float32))
    cells = counts.cells[-1, at]
    kept = {name: cells[k, : then.bins[name].cells].tolist() for k, name in enumerate(counts.names)}
    bins = {name: {"edges": list(one.edges)} for name, one in then.bins.items()}
    return {"bins": bins, "counts": kept | {"pd": score.tolist()}, "borrowers": rows["borrower_id"].n_unique()}
