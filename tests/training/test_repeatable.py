"""A run can be made again to the bit: from its manifest, whatever the threads, from memory or from disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from book.errors import Refusal
from book.settings import Settings
from monitoring.target import Target
from training import making
from training.config import Config
from training.data import Panel
from training.fit import Slice, fit
from training.folds import grouped
from training.making import make
from training.manifest import manifest, read_manifest, same_bundle, write_manifest
from training.result import TrainResult
from training.split import STOP, TRAIN, Split
from training.spool import Batches, Spool, in_batches

CONFIG = Config(rounds=40, patience=10, threads=1, trials=3)


@pytest.fixture(scope="module")
def found(panel: Panel, split: Split) -> TrainResult:
    return make(panel, split, Target(), CONFIG, Settings())


def test_a_searched_run_is_made_again_from_its_manifest(
    panel: Panel, split: Split, found: TrainResult, tmp_path: Path
) -> None:
    write_manifest(dict(found.manifest) | {"book": "B"}, tmp_path)
    target, config, bundle = read_manifest(tmp_path / "manifest.json", "B", panel.catalogue.fingerprint)
    assert (config.trials, bundle) == (0, found.bundle.id)
    again = make(panel, split, target, config, Settings())
    assert again.bundle.id == found.bundle.id
    same_bundle(bundle, again.bundle.id)
    with pytest.raises(Refusal, match="a library, the processor or the number of threads is not"):
        same_bundle("0" * 64, again.bundle.id)


def test_a_manifest_of_another_book_or_code_is_refused_with_all_that_differs(tmp_path: Path) -> None:
    write_manifest(manifest(Target(), Config(), "book one", "columns", "id") | {"code": "older"}, tmp_path)
    with pytest.raises(Refusal, match="with book book one, here book two; code older, here"):
        read_manifest(tmp_path / "manifest.json", "book two", "columns")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(Refusal, match="no manifest as `loanwatch train` writes it"):
        read_manifest(tmp_path / "manifest.json", "book two", "columns")


def test_what_a_search_finds_is_never_worse_on_its_folds(found: TrainResult) -> None:
    search = found.report["search"]
    assert search["after"] <= search["before"]
    assert search["trials"] == 3
    assert found.parameters["num_leaves"] == search["booster"]["num_leaves"]


def test_a_search_sees_training_rows_alone(panel: Panel, split: Split, found: TrainResult) -> None:
    rows = panel.rows
    other = rows.role != TRAIN
    spoilt = replace(rows, y=np.where(other, 1 - rows.y, rows.y))
    assert (
        make(replace(panel, rows=spoilt), split, Target(), CONFIG, Settings()).report["search"]
        == found.report["search"]
    )


def test_no_borrower_is_trained_and_judged_in_one_fold() -> None:
    random = np.random.default_rng(1)
    borrower, month, y = random.integers(0, 90, 2000), random.integers(0, 10, 2000), random.random(2000) < 0.2
    pairs = grouped(borrower, month.astype(np.int32), y.astype(float))
    for train, judged in pairs:
        assert not set(borrower[train]) & set(borrower[judged])
        assert month[judged].min() > np.median(month) - 1
    assert len(np.concatenate([judged for _, judged in pairs])) == np.sum(month > 4.5)


def test_few_events_to_stop_by_are_replaced_by_folds(
    panel: Panel, split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "FEW_TO_STOP", 10**9)
    result = make(panel, split, Target(), replace(CONFIG, trials=0), Settings())
    assert result.report["stopped_by"] == "folds"
    assert 1 <= result.report["trees"] <= CONFIG.rounds


def test_the_number_of_threads_changes_no_bit(panel: Panel) -> None:
    rows = panel.rows
    train, stop = (Slice(rows.x, rows.at(role), rows.y[rows.at(role)]) for role in (TRAIN, STOP))
    names, monotone = panel.catalogue.names, panel.catalogue.monotone
    texts = {fit(train, stop, names, monotone, replace(CONFIG, threads=n)).text for n in (1, 2)}
    assert len(texts) == 1


def test_rows_on_disk_are_the_rows_in_memory() -> None:
    pieces = [np.random.default_rng(n).normal(size=(n, 5)).astype(np.float32) for n in (1, 40, 0, 7)]
    matrices = []
    for limit in (1 << 30, 100):
        spool = Spool(5, limit)
        for piece in pieces:
            spool.add(piece)
        matrices.append(spool.matrix())
    assert isinstance(matrices[1], np.memmap)
    assert matrices[0].tobytes() == matrices[1].tobytes() == np.concatenate(pieces).tobytes()
    assert in_batches(lambda x: x.sum(axis=1).astype(float), matrices[1], 11).shape == (48,)
    batches = Batches(matrices[1], np.array([3, 5, 47]))
    assert np.array_equal(batches[0:2], matrices[0][[3, 5]])
    assert batches[2].dtype == np.float64
