"""A night writes every loan once, can be killed at any point, and leaves what the next night needs."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nights import Place, contents

from book.errors import Refusal
from book.load import Book
from book.store import Store
from features.context_file import read_context
from policy.pack import load_pack
from serving.journal import Journal
from serving.journal.segments import Segments
from serving.journal.verify import verify
from serving.nightly import night
from serving.nightly_results import Night, queue_of
from serving.replay import Replayer
from serving.webhooks.endpoints import Endpoint, announcer

DAY = "2023-06-30"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("night"))


@pytest.fixture(scope="module")
def done(place: Place, book: Book, as_of: int, models_dir: Path) -> Night:
    with Journal.open(place.url, "nightly") as journal:
        return night(place.order(book, as_of, models_dir), journal)


def rows(place: Place, columns: list[str] | None = None) -> pa.Table:
    return pa.concat_tables(
        pq.read_table(path, columns=columns) for path in sorted((place.folder / "night/scores").iterdir())
    )


def test_every_loan_has_one_row_with_score_class_and_action(done: Night, place: Place) -> None:
    table = rows(place)
    assert len(set(table["loan_id"].to_pylist())) == len(table) == done.loans
    for row in table.to_pylist():
        if row["status"] == "scored":
            assert row["pd"] is not None
            assert row["reasons"]
            assert row["grade"]
            assert row["tier"]
        assert (row["five_class"] is None) == (row["status"] == "closed")
    assert done.checked["rows"] > len(table)


def test_the_queue_holds_the_most_money_at_risk_and_no_more_than_people_can_look_at(done: Night, place: Place) -> None:
    table = rows(place, ["loan_id", "pd", "exposure"])
    ranked = queue_of(table, 5)["at_risk"].to_pylist()
    risks = [row["pd"] * row["exposure"] for row in table.to_pylist() if row["pd"] is not None and row["exposure"]]
    assert ranked == sorted(risks, reverse=True)[:5]
    with (place.folder / "night/queue.csv").open() as file:
        told = list(csv.DictReader(file))
    assert [row["rank"] for row in told] == [str(k + 1) for k in range(len(told))]
    assert len(told) == min(200, len(risks))


def test_alerts_are_in_the_journal_and_in_the_csv_once_each(done: Night, place: Place) -> None:
    with (place.folder / "night/alerts.csv").open() as file:
        told = [row["alert_id"] for row in csv.DictReader(file)]
    with Journal.open(place.url, "test") as journal:
        kept, before = [], None
        while True:
            page = journal.alerts(before=before)
            kept += [life.entry.alert_id for life in page.rows]
            if (before := page.next) is None:
                break
    assert sorted(kept) == sorted(told)
    assert len(set(told)) == len(told) == sum(done.alerts.values()) > 0


def test_the_journal_verifies_and_a_row_can_be_computed_again(
    done: Night, place: Place, models_dir: Path, as_of: int
) -> None:
    with Journal.open(place.url, "test") as journal:
        segments = Segments(place.folder / "segments", journal)
        assert not verify(journal, None, segments.check).faults
        store = Store.open(place.folder / "store", events=journal)
        replayer = Replayer.of(journal, models_dir, [load_pack(on=as_of)], segments, store)
        part = segments.get(done.name)
        assert part is not None
        for row in (0, 7):
            replayed = replayer.replay(f"{done.name}.{part.parts[0]}.{row}")
            assert replayed.same, replayed
            assert {"pd", "reasons", "tier", "five_class", "action", "alerts", "state_next"} <= set(replayed.compared)


def test_run_again_nothing_is_doubled_and_the_files_are_the_same(
    done: Night, place: Place, book: Book, as_of: int, models_dir: Path
) -> None:
    before = contents(place.folder / "night")
    with Journal.open(place.url, "nightly") as journal:
        again = night(place.order(book, as_of, models_dir), journal)
        assert len(journal.alerts(limit=10_000).rows) == sum(done.alerts.values())
    assert again == done
    assert contents(place.folder / "night") == before


def _replayed(done: Night, place: Place, models_dir: Path, as_of: int) -> None:
    """Rows of a night that used the states of the night before, and figures of cohorts of its own."""
    with Journal.open(place.url, "test") as journal:
        segments, store = Segments(place.folder / "segments", journal), Store.open(place.folder / "store")
        contexts = sorted((place.folder / "segments/contexts").iterdir())
        replayer = Replayer.of(journal, models_dir, [load_pack(on=as_of)], segments, store, contexts)
        part = segments.get(done.name)
        assert part is not None
        for row in (0, 5, 9):
            replayed = replayer.replay(f"{done.name}.{part.parts[1]}.{row}")
            assert replayed.same, replayed


def test_the_next_night_begins_from_the_states_of_this_one_and_tells_of_it(
    done: Night, place: Place, book: Book, as_of: int, models_dir: Path, tmp_path: Path
) -> None:
    shutil.copytree(models_dir, tmp_path / "models")
    announce = announcer([Endpoint("crm", "https://crm.example/", bytes(32))], "night")
    with Journal.open(place.url, "nightly") as journal:
        order = place.order(book, as_of + 1, tmp_path / "models", out=tmp_path / "later", refresh=True)
        later = night(order, journal, None, announce)
        messages = journal.deliveries(limit=1_000, topic="alert.fired").rows
        assert {life.kept.entry.subject for life in messages} == {
            life.entry.alert_id for life in journal.alerts(limit=1_000, fired_on=as_of + 1).rows
        }
        segments = Segments(place.folder / "segments", journal)
        first, second = segments.get(done.name), segments.get(later.name)
    assert first is not None
    assert second is not None
    after = {row["loan_id"]: row["state_next"] for row in first.rows(["loan_id", "state_next"]).to_pylist()}
    for row in second.rows(["loan_id", "state_used"]).to_pylist():
        assert json.loads(row["state_used"] or "{}") == json.loads(after.get(row["loan_id"]) or "{}")
    assert later.manifest["context_hash"] == read_context(tmp_path / "models/context.json").hash
    _replayed(later, place, tmp_path / "models", as_of + 1)
    assert sum(later.alerts.values()) < sum(done.alerts.values()) / 2  # what was told is not told again


def test_a_day_before_the_first_loan_is_refused(book: Book, models_dir: Path, tmp_path: Path) -> None:
    place = Place(tmp_path)
    with Journal.open(place.url, "nightly") as journal, pytest.raises(Refusal, match="no loan was known on 1990-01-01"):
        night(place.order(book, 7305, models_dir), journal)
    assert not (tmp_path / "night").exists()


PROGRAM = """
import os, signal, sys
from pathlib import Path
from book.load import open_book
from serving import nightly, nightly_alerts
from serving.journal import Journal
from serving.journal.segments import Draft
from serving.nightly import Order, night

book, models, folder = map(Path, sys.argv[1:4])
as_of, point = int(sys.argv[4]), sys.argv[5]


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def after(function, times):
    left = [times]

    def called(*given, **named):
        made = function(*given, **named)
        left[0] -= 1
        return made if left[0] else die()

    return called


if point == "part":
    from serving import nightly_part
    nightly_part.write_rows = after(nightly_part.write_rows, 2)
elif point == "store":
    nightly._finish_store = after(nightly._finish_store, 1)
elif point == "alerts":
    nightly_alerts.BATCH = 20
    nightly_alerts._write = after(nightly_alerts._write, 1)
elif point == "closing":
    Draft._close = after(Draft._close, 1)
elif point == "sealed":
    Draft.seal = after(Draft.seal, 1)
elif point == "results":
    nightly.write_results = after(nightly.write_results, 1)
order = Order(open_book(book), as_of, models, folder / "night", folder / "segments", folder / "store",
              workers=1, refresh=False)
with Journal.open(f"sqlite:///{folder / 'journal.db'}", "nightly") as journal:
    night(order, journal)
"""


@pytest.mark.parametrize("point", ["part", "alerts", "closing", "sealed", "results"])
def test_killed_and_run_again_it_gives_what_an_undisturbed_night_gives(
    point: str, done: Night, place: Place, book: Book, as_of: int, models_dir: Path, tmp_path: Path
) -> None:
    program = tmp_path / "killed.py"
    program.write_text(PROGRAM)
    arguments = [book.folder, models_dir, tmp_path / "at", as_of, point]
    (tmp_path / "at").mkdir()
    killed = subprocess.run([sys.executable, program, *map(str, arguments)], timeout=300, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "at/night").exists() == (point == "results")
    mine = Place(tmp_path / "at")
    with Journal.open(mine.url, "nightly") as journal:
        again = night(mine.order(book, as_of, models_dir), journal)
        assert len(journal.alerts(limit=10_000).rows) == sum(done.alerts.values())
        assert not verify(journal, None, Segments(mine.folder / "segments", journal).check).faults
    assert again == done
    assert contents(mine.folder / "night") == contents(place.folder / "night")
    generation = contents(mine.folder / "store" / done.name)
    assert generation == contents(place.folder / "store" / done.name)
