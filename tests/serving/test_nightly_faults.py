"""What goes wrong in a night: run again it completes, nothing is lost or doubled, and the journal verifies."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nights import Place, contents

from book.errors import Refusal
from book.load import Book, open_book
from serving.journal import Journal, JournalDown
from serving.journal.segments import Segments
from serving.journal.verify import verify
from serving.nightly import night
from serving.nightly_results import Night


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("night"))


@pytest.fixture(scope="module")
def done(place: Place, book: Book, as_of: int, models_dir: Path) -> Night:
    """A night that nothing disturbed."""
    with Journal.open(place.url, "nightly") as journal:
        return night(place.order(book, as_of, models_dir), journal)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; the test is skipped where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def as_undisturbed(mine: Place, place: Place, done: Night, again: Night, url: str = "") -> None:
    """Results, store and journal are those of the night that nothing disturbed."""
    assert again == done
    assert contents(mine.folder / "night") == contents(place.folder / "night")
    assert contents(mine.folder / "store" / done.name) == contents(place.folder / "store" / done.name)
    with Journal.open(url or mine.url, "test", create=False) as journal:
        told = [life.entry.alert_id for life in journal.alerts(limit=10_000).rows]
        assert (len(told), len(set(told))) == (sum(done.alerts.values()),) * 2
        assert verify(journal, None, Segments(mine.folder / "segments", journal).check).whole


def test_a_disk_that_fills_up_again_and_again(
    small_disk: Path, done: Night, place: Place, book: Book, as_of: int, models_dir: Path
) -> None:
    whole = sum(path.stat().st_size for path in place.folder.rglob("*") if path.is_file())
    mine = Place(small_disk)
    failed: list[str] = []
    for share in (0.15, 0.4, 0.6, 0.75, 0.9, 4):
        subprocess.run(["mount", "-o", f"remount,size={int(whole * share)}", small_disk], check=True)
        try:
            with Journal.open(mine.url, "nightly", patience=0.2) as journal:
                again = night(mine.order(book, as_of, models_dir), journal)
        except (JournalDown, Refusal, OSError) as error:  # a Refusal where the journal could not be made
            failed.append(str(error))
    assert len(failed) >= 3
    assert all("full" in one or "No space" in one for one in failed)
    as_undisturbed(mine, place, done, again)


@pytest.mark.parametrize("point", ["first batch", "seal"])
def test_a_journal_that_goes_away(
    point: str, done: Night, place: Place, book: Book, as_of: int, models_dir: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    mine, written = Place(tmp_path), Journal.write

    def away(self: Journal, *entries: Any, **other: Any) -> Any:
        if point == "first batch" or entries[0].KIND == "segment":
            raise JournalDown("it was taken away")
        return written(self, *entries, **other)

    with Journal.open(mine.url, "nightly") as journal:
        monkeypatch.setattr(Journal, "write", away)
        with pytest.raises(JournalDown):
            night(mine.order(book, as_of, models_dir), journal)
        monkeypatch.setattr(Journal, "write", written)
        assert not (tmp_path / "night").exists()
        again = night(mine.order(book, as_of, models_dir), journal)
    as_undisturbed(mine, place, done, again)


def test_without_a_champion_nothing_begins_and_with_it_all_is_there(
    done: Night, place: Place, book: Book, as_of: int, models_dir: Path, tmp_path: Path
) -> None:
    models, mine = tmp_path / "models", Place(tmp_path / "at")
    shutil.copytree(models_dir, models)
    bundle = models / "bundles" / (models / "champion").read_text("utf-8").strip()
    model = (bundle / "model.txt").read_text("utf-8")
    with Journal.open(mine.url, "nightly") as journal:
        pointer = (models / "champion").read_bytes()
        (models / "champion").unlink()
        with pytest.raises(Refusal, match="no champion"):
            night(mine.order(book, as_of, models), journal)
        (models / "champion").write_bytes(pointer)
        (bundle / "model.txt").write_text(model[: len(model) // 2], "utf-8")
        with pytest.raises(Refusal, match="bundle"):
            night(mine.order(book, as_of, models), journal)
        assert not journal.alerts().rows
        assert not (mine.folder / "store" / "current").exists()
        (bundle / "model.txt").write_text(model, "utf-8")
        again = night(mine.order(book, as_of, models), journal)
    as_undisturbed(mine, place, done, again)


def test_a_broken_part_of_the_book_is_refused_and_repaired_the_night_is_whole(
    done: Night, place: Place, book: Book, as_of: int, models_dir: Path, tmp_path: Path
) -> None:
    folder, mine = tmp_path / "book", Place(tmp_path / "at")
    shutil.copytree(book.folder, folder)
    part = sorted(folder.glob("part-*/payments.parquet"))[-1]
    whole = part.read_bytes()
    with Journal.open(mine.url, "nightly") as journal:
        part.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(Refusal, match=r"payments\.parquet"):
            night(mine.order(open_book(folder), as_of, models_dir), journal)
        assert not journal.alerts().rows
        assert not (mine.folder / "night").exists()
        part.write_bytes(whole)
        again = night(mine.order(open_book(folder), as_of, models_dir), journal)
    as_undisturbed(mine, place, done, again)


@pytest.mark.postgres
def test_the_same_night_on_postgresql(
    postgres: Any, done: Night, place: Place, book: Book, as_of: int, models_dir: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    postgres.sql("CREATE DATABASE a_night")
    mine, url, told = Place(tmp_path), str(postgres.url("a_night")), []
    monkeypatch.setattr("serving.nightly_alerts.BATCH", 20)
    written = Journal.write

    def sometimes(self: Journal, *entries: Any, **other: Any) -> Any:
        told.append(len(entries))
        if len(told) == 3:  # what the scores are made with, some alerts, more alerts
            raise JournalDown("it was taken away")
        return written(self, *entries, **other)

    with Journal.open(url, "nightly") as journal:
        monkeypatch.setattr(Journal, "write", sometimes)
        with pytest.raises(JournalDown):
            night(mine.order(book, as_of, models_dir), journal)
        assert 0 < len(journal.alerts(limit=10_000).rows) < sum(done.alerts.values())
        again = night(mine.order(book, as_of, models_dir), journal)
    as_undisturbed(mine, place, done, again, url)
