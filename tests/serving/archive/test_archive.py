"""What scores were made with stays: after a night, another pack and another champion, each score comes out again."""

from __future__ import annotations

import errno
import shutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from nights import Place
from starlette.testclient import TestClient

from book.load import Book
from book.store import Store
from features.cohorts import build_context
from features.context_file import CONTEXT, read_context, write_context
from models.bundle import Bundle
from policy.pack import PACKS, load_pack
from serving.access.door import Door
from serving.access.keys import WatchedKeys
from serving.access.limits import Rate, RateLimit
from serving.access.sessions import Sessions
from serving.app import create_app
from serving.archive import Archive, archive_folder
from serving.archive.checking import faults_of
from serving.archive.names import of_bundle, of_context, of_pack, of_part, read_settings, settings_text
from serving.backing import Backing
from serving.journal import Journal, Means, Score
from serving.journal.segments import Segments
from serving.journal.verify import verify
from serving.memory import Memory
from serving.nightly import night
from serving.replay import Replayed, Replayer
from serving.scorer import Scorer
from serving.wiring import Wiring

Body = dict[str, Any]
DAY = {"as_of": "2023-06-30"}
MAY = 19_508  # 31 May 2023
JUNE = 19_538


@dataclass
class World:
    """A service with a pack of its own and cohort figures, and what it said before everything was replaced."""

    place: Place
    models: Path
    pack: Path
    said: list[Score]
    made: Means
    night: str = ""

    @property
    def archive(self) -> Archive:
        return Archive(archive_folder(self.place.url))

    def replay(self, score_id: str, archive: Archive | None = None) -> Replayed:
        """Replayed with what the archive has and today's packs, figures and bundles."""
        with Journal.open(self.place.url, "test") as journal:
            replayer = Replayer.of(
                journal, self.models, [load_pack(self.pack)], Segments(self.place.folder / "segments", journal),
                Store.open(self.place.folder / "store", events=journal) if self.night else None,
                [self.models / CONTEXT], archive=archive or self.archive,
            )  # fmt: skip
            return replayer.replay(score_id)


def served(wiring: Wiring, bodies: list[Body]) -> list[str]:
    """The ids of the scores of a service that is started for them."""
    with Journal.open(wiring.journal) as journal:
        door = Door(
            WatchedKeys(wiring.models_dir / "none"), None, Sessions("s" * 40), RateLimit(Rate(9e9, 10**9)), True
        )
        memory = Memory(journal)
        service = wiring.service(memory=memory, keep=wiring.keeper(journal))
        with TestClient(create_app(service, 60, Backing(door, journal, None, memory))) as client:
            told = [
                client.post("/v1/scores", content=msgspec.json.encode(body | DAY),
                            headers={"content-type": "application/json"}).json() for body in bodies
            ]  # fmt: skip
    return [score["score_id"] for one in told for score in one.get("scores", [])]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle, book: Book, bodies: list[Body]) -> World:
    """Three scores; then another pack, a night with figures of its own, and another champion."""
    folder = tmp_path_factory.mktemp("world")
    place, models, pack = Place(folder), folder / "models", folder / "packs"
    bundle.save(models / "bundles" / bundle.id)
    (models / "champion").write_text(bundle.id)
    write_context(build_context(book, np.array([MAY]), workers=1), models / CONTEXT)
    first = read_context(models / CONTEXT).hash
    pack.mkdir()
    own = (PACKS / "grades.toml").read_text("utf-8").replace('"2026.1"', '"2026.1 ours"')
    (pack / "grades.toml").write_text(own, "utf-8")
    wiring = Wiring(models, str(pack), journal=place.url)
    ids = served(wiring, bodies[:6])
    with Journal.open(place.url, "test") as journal:
        said = [kept.entry for one in ids if (kept := journal.score(one))]
        made = journal.one(Means)
    assert made is not None
    assert made.entry.context_hash == first
    (pack / "grades.toml").write_text(own.replace("upper = 0.12", "upper = 0.13"), "utf-8")
    with Journal.open(place.url, "nightly") as journal:
        done = night(place.order(book, JUNE, models, refresh=True, pack=pack), journal)
    assert read_context(models / CONTEXT).hash != first
    later = replace(bundle, metrics={"later": 1})
    later.save(models / "bundles" / later.id)
    (models / "champion").write_text(later.id)
    shutil.rmtree(models / "bundles" / bundle.id)
    return World(place, models, pack, said, made.entry, done.name)


def test_a_score_from_before_comes_out_to_the_same_bits(world: World) -> None:
    assert {one.pack_hash for one in world.said} == {world.made.pack_hash}
    assert world.made.pack_hash != load_pack(world.pack).hash
    assert any(one.status == "scored" for one in world.said)
    for one in world.said:
        replayed = world.replay(one.score_id)
        assert replayed.same, replayed
        assert "(this one)" in replayed.program


def test_without_the_archive_the_same_score_is_gone_with_reasons(world: World, tmp_path: Path) -> None:
    gone = " ".join(world.replay(world.said[0].score_id, Archive(tmp_path)).gone)
    for what in ("the bundle", "the policy pack", "the cohort figures", "the settings"):
        assert what in gone
    assert str(tmp_path) in gone


def test_what_a_night_was_made_with_is_kept_before_it_judges(world: World) -> None:
    replayed = world.replay(f"{world.night}.00000.0")
    assert replayed.same, replayed
    with Journal.open(world.place.url, "test") as journal:
        kept = journal.one(Means, actor="nightly")
        segment = Segments(world.place.folder / "segments", journal).get(world.night)
    assert kept is not None
    assert segment is not None
    assert kept.place < segment.kept.place
    assert kept.entry.context_hash == segment.entry.context_hash
    assert world.archive.has(of_context(segment.entry.context_hash))


def test_verify_looks_at_the_archive(world: World) -> None:
    with Journal.open(world.place.url, "test") as journal:
        assert verify(journal, archive=lambda columns: faults_of(world.archive, dict(columns))).whole
        assert "was not looked at" in " ".join(verify(journal).notes)


def damaged(world: World, tmp_path: Path, name: str, content: bytes | None) -> Archive:
    """A copy of the archive in which one file was altered, or is missing."""
    shutil.copytree(world.archive.folder, tmp_path / "archive")
    found = Archive(tmp_path / "archive")
    if content is None:
        found.drop(name)
    else:
        found.path(name).write_bytes(content)
    return found


def altered_context(world: World) -> bytes:
    return world.archive.path(of_context(world.made.context_hash)).read_bytes().replace(b"0.0", b"0.1", 1)


CASES = {
    "trees": (lambda w: of_bundle(w.made.bundle_id, "model.txt"), lambda w: b"tree\nversion=v4\n", "the bundle"),
    "facts": (lambda w: of_bundle(w.made.bundle_id, "bundle.json"), lambda w: b"{}", "the bundle"),
    "a pack": (lambda w: of_pack(w.made.pack_hash), lambda w: b"[]", "the policy pack"),
    "its part": (lambda w: of_part(parts(w)[0]), lambda w: b'kind = "grades"', "the policy pack"),
    "figures": (lambda w: of_context(w.made.context_hash), altered_context, "the cohort figures"),
    "settings": (lambda w: f"settings/{w.made.settings_hash}.json", lambda w: b"{}", "the settings"),
}


def parts(world: World) -> list[str]:
    """Hashes of the files of the pack that is not in force any more, its own first."""
    listed = msgspec.json.decode(world.archive.path(of_pack(world.made.pack_hash)).read_bytes(), type=list[str])
    return sorted(listed, key=lambda part: b"2026.1 ours" not in world.archive.path(of_part(part)).read_bytes())


@pytest.mark.parametrize("case", sorted(CASES))
@pytest.mark.parametrize("missing", [False, True])
def test_a_file_that_was_altered_or_is_missing_is_found_by_name_and_place(
    world: World, tmp_path: Path, case: str, missing: bool
) -> None:
    name, content, what = CASES[case]
    archive = damaged(world, tmp_path, name(world), None if missing else content(world))
    with Journal.open(world.place.url, "test") as journal:
        found = verify(journal, archive=lambda columns: faults_of(archive, dict(columns))).faults
    gone = " ".join(world.replay(world.said[0].score_id, archive).gone)
    for told in (" ".join(str(fault) for fault in found), gone):
        assert what in told
        assert str(archive.folder) in told


def test_several_workers_may_keep_the_same_at_once(world: World, scorer: Scorer, tmp_path: Path) -> None:
    def work() -> None:
        with Journal.open(tmp_path / "journal.db") as journal:
            Wiring(world.models, journal=f"sqlite:///{tmp_path / 'journal.db'}").keeper(journal)(scorer)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    folder = tmp_path / "journal.db-archive"
    with Journal.open(tmp_path / "journal.db", "test") as journal:
        assert len(journal.page(Means).rows) == 4
        assert verify(journal, archive=lambda columns: faults_of(Archive(folder), dict(columns))).whole
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A disk that is full while the list says so."""
    state, place = [True], Archive._place

    def placed(self: Archive, *given: Any) -> None:
        if state[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        place(self, *given)

    monkeypatch.setattr(Archive, "_place", placed)
    return state


def test_while_the_disk_is_full_nothing_is_answered_and_nothing_is_built_twice(
    world: World, full: list[bool], tmp_path: Path, bodies: list[Body]
) -> None:
    wiring = Wiring(world.models, "standard", journal=f"sqlite:///{tmp_path / 'journal.db'}")
    with Journal.open(wiring.journal) as journal:
        service = wiring.service(memory=Memory(journal), keep=wiring.keeper(journal))
        app = create_app(service, 60, Backing(door_of(tmp_path), journal, None, Memory(journal)))
        with TestClient(app, raise_server_exceptions=False) as client:
            ready, score = client.get("/readyz"), client.post("/v1/scores", json=bodies[0])
            assert (ready.status_code, score.status_code) == (503, 503)
            assert "No space left" in ready.text
            built = service.champion._built
            service.champion.refresh()
            assert service.champion._built is built
            full[0] = False
            service.champion.refresh()
            assert client.get("/readyz").status_code == 200
            assert client.post("/v1/scores", json=bodies[0] | DAY).status_code == 200
        kept = journal.page(Score).rows
        made = journal.page(Means).rows
        assert made[0].place < min(one.place for one in kept)


def door_of(tmp_path: Path) -> Door:
    return Door(WatchedKeys(tmp_path / "none"), None, Sessions("s" * 40), RateLimit(Rate(9e9, 10**9)), True)


def test_a_damaged_file_is_put_right_by_who_holds_its_content(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.put("a/b", b"right")
    archive.path("a/b").write_bytes(b"wrong")
    archive.put("a/b", b"right")
    assert archive.read("a/b", "it") == b"right"


def test_settings_come_back_as_they_were(book: Book) -> None:
    for settings in (book.settings, replace(book.settings, posting_lag_days={"payments": 2}, default_dpd=None)):
        assert read_settings(settings_text(settings)) == settings


def test_a_night_beside_makes_a_running_service_take_up_its_figures(world: World, book: Book, tmp_path: Path) -> None:
    shutil.copytree(world.models, tmp_path / "models")
    champion = Wiring(tmp_path / "models").service().champion
    before = champion.refresh().scorer
    write_context(build_context(book, np.array([MAY]), workers=1), tmp_path / "models" / CONTEXT)
    after = champion.refresh().scorer
    assert before is not None
    assert after is not None
    assert before.context is not None
    assert after.context is not None
    assert after.context.hash == world.made.context_hash != before.context.hash
