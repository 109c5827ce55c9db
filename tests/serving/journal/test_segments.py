"""A nightly run is one entry: its files are sealed, found by loan, and checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from book.errors import Refusal
from serving.journal import Conflict, Journal
from serving.journal.erase import erase
from serving.journal.expiry import expired, forget_nights
from serving.journal.segments import Draft, Segments
from serving.journal.verify import verify

Make = Callable[..., Any]
FACTS: dict[str, Any] = {
    "as_of": 19_900,
    "cutoff": 1,
    "bundle_id": "b" * 64,
    "pack": "grades 1",
    "pack_hash": "c" * 64,
    "store": "night",
}


def rows(first: int, n: int) -> pa.Table:
    return pa.table(
        {
            "loan_id": [f"L{k}" for k in range(first, first + n)],
            "pd": [k / 1e6 for k in range(first, first + n)],
            "state_next": [json.dumps({"tier": "T1", "n": k}) if k % 5 else None for k in range(first, first + n)],
        }
    )


@pytest.fixture
def segments(tmp_path: Path, journal: Journal) -> Segments:
    return Segments(tmp_path / "segments", journal)


def begun(segments: Segments, name: str = "2024-06-30", **other: Any) -> Draft:
    return segments.begin(name, **FACTS | other)


def sealed(segments: Segments, name: str = "2024-06-30", **other: Any) -> Any:
    draft = begun(segments, name, **other)
    draft.write("00000", rows(0, 6_000))
    draft.write("00001", rows(6_000, 100))
    return draft.seal("nightly")


def test_a_sealed_run_is_found_by_loan_and_as_a_whole(segments: Segments) -> None:
    segment = sealed(segments)
    assert (segment.entry.rows, segment.entry.parts) == (6_100, 2)
    assert segment.rows(["pd"]).num_rows == 6_100
    assert segment.lookup(["L5001", "L6007", "nobody"], ["pd"]) == {
        "L5001": {"loan_id": "L5001", "pd": 0.005001, "score_id": "2024-06-30.00000.5001"},
        "L6007": {"loan_id": "L6007", "pd": 0.006007, "score_id": "2024-06-30.00001.7"},
    }
    assert segment.states(["L6001", "L5", "nobody", "L7"]) == [
        {"tier": "T1", "n": 6001},
        None,
        None,
        {"tier": "T1", "n": 7},
    ]


def test_a_run_is_gone_on_with_after_a_kill_at_any_point(segments: Segments, alert: Make) -> None:
    begun(segments).write("00000", rows(0, 50))
    draft = begun(segments)
    assert draft.done("00000")
    assert not draft.done("00001")
    draft.write("00001", rows(50, 50))
    draft._close()  # killed between the folder's new name and the entry
    assert segments.latest() is None
    again = begun(segments)
    assert again.done("00001")
    first = again.seal("nightly", alert(1))
    twice = begun(segments).seal("nightly", alert(1))
    assert first.entry == twice.entry
    assert len(segments.journal.alerts().rows) == 1
    assert verify(segments.journal, segments=segments.check).whole


def test_a_run_of_another_day_or_model_is_not_gone_on_with(segments: Segments) -> None:
    begun(segments)
    with pytest.raises(Refusal, match="begun with another as_of, bundle_id"):
        begun(segments, as_of=1, bundle_id="x")


def test_what_goes_with_a_run_is_written_with_it_or_not_at_all(segments: Segments, score: Make) -> None:
    segments.journal.write(score(1)).result(10)
    draft = begun(segments)
    draft.write("00000", rows(0, 10))
    with pytest.raises(Conflict):
        draft.seal("nightly", score(1))
    assert segments.latest() is None
    assert draft.seal("nightly").entry.rows == 10


def test_the_newest_day_counts_and_of_one_day_the_last_run(segments: Segments) -> None:
    for name, as_of in (("a", 10), ("b", 12), ("c", 11), ("d", 12)):
        sealed(segments, name, as_of=as_of)
    assert segments.latest().entry.name == "d"  # type: ignore[union-attr]
    assert segments.latest(before_as_of=12).entry.name == "c"  # type: ignore[union-attr]
    assert segments.latest("monthly") is None


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("part-00000.parquet", "was changed"),
        ("loans.arrow", "was changed"),
        ("manifest.json", "manifest.json was changed"),
    ],
)
def test_a_changed_file_shows(segments: Segments, file: str, says: str) -> None:
    segment = sealed(segments)
    path = segment.folder / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    faults = [str(fault) for fault in verify(segments.journal, segments=segments.check).faults]
    assert len(faults) == 1
    assert says in faults[0]
    path.unlink()
    assert "is missing" in str(verify(segments.journal, segments=segments.check).faults[0])


@pytest.mark.parametrize("name", ["", ".hidden", "a/b"])
def test_a_name_that_is_a_path_is_refused(segments: Segments, name: str) -> None:
    with pytest.raises(Refusal, match="plain name"):
        begun(segments, name)


def test_rows_of_nights_end_with_retention_and_the_chain_stays_whole(url: str, tmp_path: Path) -> None:
    now, store = [0], tmp_path / "store"
    with Journal.open(url, clock=lambda: now[0]) as journal:
        segments = Segments(tmp_path / "segments", journal)
        for n in range(4):
            now[0] = n * 10
            sealed(segments, f"night-{n}", as_of=19_900 + n, store=f"night-{n}")
            (store / f"night-{n}").mkdir(parents=True)
        (store / "current").write_text("night-3")
        now[0] = 100
        assert expired(journal) == ()
        erase(journal, 25, "auditor")
        assert forget_nights(journal, segments.folder, store) == 2
        assert forget_nights(journal, segments.folder, store) == 0
        assert [path.name for path in sorted(store.glob("night-*"))] == ["night-2", "night-3"]
        again = Segments(segments.folder, journal)
        assert verify(journal, segments=again.check).whole
        gone, held = again.get("night-1"), again.get("night-2")
        assert gone is not None
        assert held is not None
        assert (gone.lookup(["L1"]), gone.states(["L1"])) == ({}, [None])
        with pytest.raises(LookupError, match="erased by retention"):
            gone.row("00000", 1)
        assert held.lookup(["L1"], ["pd"])
        (segments.folder / "night-2/part-00000.parquet").unlink()
        (segments.folder / "night-0/manifest.json").write_text("{}")
        said = [str(fault) for fault in verify(journal, segments=again.check).faults]
        assert len(said) == 2
        assert "night-0: manifest.json was changed" in said[0]
        assert "night-2: part-00000.parquet is missing" in said[1]
