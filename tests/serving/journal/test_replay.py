"""A past score comes out again to the same bits, or it is said what differs or is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from book.clock import end_of_day
from book.errors import Refusal
from book.load import Book, load
from book.request import decode
from book.store import Store
from book.store_write import StoreWriter
from policy.pack import Pack
from serving.batch import score_part
from serving.journal import Journal
from serving.journal.erase import erase
from serving.journal.from_scores import score_columns, score_entries
from serving.journal.replay import Replayer
from serving.journal.segments import Segments
from serving.journal.tables_payload import pack_tables, unpack_tables
from serving.scorer import Scorer
from serving.service import score as score_requests

Body = dict[str, Any]


@pytest.fixture
def journal(quick_path: Path) -> Any:
    with Journal.open(quick_path / "journal.db") as opened:
        yield opened


@pytest.fixture
def replayer(journal: Journal, models_dir: Path, pack: Pack) -> Replayer:
    return Replayer(journal, models_dir, [pack])


@pytest.fixture
def written(journal: Journal, scorer: Scorer, bodies: list[Body]) -> list[Any]:
    """Scores of ten borrowers as the API would write them."""
    entries = []
    for body in bodies[:10]:
        request = decode(msgspec.json.encode(body), scorer.settings)
        scores = score_requests([request], scorer)
        data = pack_tables(request.tables)
        entries += score_entries(scores, request_id="r", actor="monitor", source="api", data=data)
    journal.write(*entries).result(30)
    return entries


def test_tables_come_back_to_the_bit(scorer: Scorer, bodies: list[Body]) -> None:
    for body in bodies[:5]:
        tables = decode(msgspec.json.encode(body), scorer.settings).tables
        content = pack_tables(tables)
        again = unpack_tables(content)
        assert pack_tables(again) == content
        for name, frame in tables.frames.items():
            for column in frame.columns:
                assert again[name][column].dtype == frame[column].dtype
                assert again[name][column].tolist().__repr__() == frame[column].tolist().__repr__()
        assert body["tables"]["loans"][0]["borrower_id"].encode() not in content


def test_scores_come_out_to_the_same_bits(written: list[Any], replayer: Replayer) -> None:
    assert any(entry.status == "scored" for entry in written)
    for entry in written:
        replayed = replayer.replay(entry.score_id)
        assert replayed.same, replayed
        assert {"pd", "raw", "feature_hash"} <= set(replayed.compared)


def test_what_does_not_come_out_is_named(journal: Journal, written: list[Any], replayer: Replayer) -> None:
    scored = next(entry for entry in written if entry.status == "scored")
    other = replayer_entry(scored, pd=float(np.nextafter(scored.pd, 1)))
    journal.write(other).result(10)
    replayed = replayer.replay("S-other")
    assert not replayed.same
    assert [one.name for one in replayed.differs] == ["pd"]


def replayer_entry(entry: Any, **other: Any) -> Any:
    return msgspec.structs.replace(entry, score_id="S-other", **other)


def test_what_is_gone_is_named(
    journal: Journal, written: list[Any], models_dir: Path, pack: Pack, tmp_path: Path
) -> None:
    score_id = written[0].score_id
    without_pack = Replayer(journal, models_dir, [replace(pack, hash="0" * 64)]).replay(score_id)
    assert "policy pack" in without_pack.gone[0]
    assert "bundle" in Replayer(journal, tmp_path, [pack]).replay(score_id).gone[0]
    erase(journal, 1 << 61, "officer")
    gone = Replayer(journal, models_dir, [pack]).replay(score_id)
    assert not gone.same
    assert "erased" in gone.gone[0]


def test_a_score_that_was_never_written_is_refused(replayer: Replayer) -> None:
    for score_id in ("S-nothing", "night.00000.1", "x"):
        with pytest.raises(Refusal, match="does not know it"):
            replayer.replay(score_id)


def test_a_nightly_score_comes_out_from_the_store(
    journal: Journal, book: Book, scorer: Scorer, replayer: Replayer, tmp_path: Path, as_of: int
) -> None:
    cutoff = int(end_of_day(np.array([as_of]), book.settings.timezone)[0])
    loaded = load(book.parts[0], book.settings)
    store = StoreWriter.begin(tmp_path / "store", "night", settings=book.settings, as_of=as_of, cutoff=cutoff)
    store.add("00000", loaded)
    store.finish()
    scores = next(score_part(loaded.tables, as_of, scorer))
    segments = Segments(tmp_path / "segments", journal)
    facts = {"bundle_id": scorer.bundle.id, "pack": "grades 1", "pack_hash": scorer.pack.hash, "store": "night"}
    draft = segments.begin("night", as_of=as_of, cutoff=cutoff, **facts)
    columns = [score_columns(scores, row) for row in range(len(scores))]
    draft.write("00000", pa.Table.from_pylist(columns))
    draft.seal("nightly")
    whole = replace(replayer, segments=segments, store=Store.open(tmp_path / "store"))
    for row in (0, 7, 40):
        replayed = whole.replay(f"night.00000.{row}")
        assert replayed.same, replayed
    assert "store" in replace(replayer, segments=segments).replay("night.00000.0").gone[0]


def test_the_command_says_so(
    written: list[Any], journal: Journal, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from typer.testing import CliRunner

    from loanwatch.main import app

    run: Callable[..., Any] = CliRunner().invoke
    where = ["--journal", f"sqlite:///{journal.url.database}"]
    told = run(app, ["replay", written[0].score_id, *where, "--models", str(models_dir)])
    assert told.exit_code == 0, told.output
    assert run(app, ["journal", "verify", *where]).exit_code == 0
    anchor = str(models_dir / "anchor.json")
    assert run(app, ["journal", "anchor", anchor, *where]).exit_code == 0
    assert run(app, ["journal", "verify", "--anchor", anchor, *where]).exit_code == 0
    early = run(app, ["journal", "erase", "--before", "2999-01-01", *where])
    assert isinstance(early.exception, Refusal)
    erased = run(app, ["journal", "erase", "--before", "2000-01-01", *where])
    assert erased.exit_code == 0, erased.output
    assert run(app, ["journal", "verify", "--journal", "sqlite:////nowhere/j.db"]).exit_code != 0
