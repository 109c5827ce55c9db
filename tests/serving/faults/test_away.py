"""The database away, the disk full, the registry gone, the clock set back, a bundle that is broken: on real servers."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from serving.journal import Event, Journal, Score
from serving.journal.database import bring_up, database_url
from serving.journal.verify import verify

Body = dict[str, Any]
Start = Callable[..., Any]


def figure(server: Any, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", server.client.get("/metrics").text, re.MULTILINE)
    assert found, name
    return float(found[1])


@pytest.mark.postgres
def test_a_database_that_goes_away_under_load_and_comes_back(
    postgres: Any, start: Start, running: list[Body], payment: Any
) -> None:
    """Who hears 503 asks again with the same key; each thing is done once."""
    postgres.sql("CREATE DATABASE served")
    url = postgres.url("served")
    bring_up(database_url(url), 5)
    server, answered, heard = start(url, patience=0.5), {}, Counter[int]()

    def client(n: int) -> None:
        body, key = running[n], f"k{n}"
        path, sent = ("/v1/events", payment(body["score"][0], f"P-{n}")) if n % 3 == 0 else ("/v1/scores", body)
        while key not in answered:
            told = server.post(path, sent, key)
            heard[told.status_code] += 1
            if told.status_code != 503:
                answered[key] = told
                continue
            assert (told.json()["type"], told.headers["retry-after"]) == ("urn:loanwatch:problem:journal-down", "5")
            time.sleep(0.05)

    with ThreadPoolExecutor(3) as pool:
        clients = [pool.submit(client, n) for n in range(24)]
        while len(answered) < 6:
            time.sleep(0.002)
        postgres.stop("immediate")
        while not heard[503]:
            time.sleep(0.002)
        for path, code in (("/readyz", 503), (f"/v1/loans/{running[0]['score'][0]}", 503), ("/healthz", 200)):
            assert server.client.get(path).status_code == code
        assert figure(server, "loanwatch_journal_healthy") == 0
        postgres.start()
        for one in clients:
            one.result(300)
    assert set(heard) == {200, 503}
    server.ready()
    with Journal.open(url, "test", create=False) as journal:
        assert len(journal.page(Event, 1_000).rows) == 8
        told = [score["score_id"] for one in answered.values() for score in one.json()["scores"]]
        assert sorted(kept.entry.score_id for kept in journal.page(Score, 1_000).rows) == sorted(told)
        assert verify(journal).whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB; the test is skipped where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_stops_answers_until_there_is_room_and_nothing_is_lost(
    small_disk: Path, start: Start, running: list[Body]
) -> None:
    ballast, url = small_disk / "ballast", f"sqlite:///{small_disk / 'journal.db'}"
    server = start(url, patience=0.5)
    ballast.write_bytes(bytes(1 << 19))
    answered: list[str] = []
    for body in itertools.cycle(running):
        told = server.post("/v1/scores", body, f"k{len(answered)}")
        if told.status_code != 200:
            break
        answered += [score["score_id"] for score in told.json()["scores"]]
    assert (told.status_code, "full" in told.json()["detail"]) == (503, True), told.text
    assert server.client.get("/readyz").status_code == 503
    ballast.unlink()
    server.ready()
    told = server.post("/v1/scores", body, f"k{len(answered)}")
    assert told.status_code == 200
    answered += [score["score_id"] for score in told.json()["scores"]]
    with Journal.open(url, "test", create=False) as journal:
        assert sorted(one.entry.score_id for one in journal.page(Score, 1_000).rows) == sorted(answered)
        assert verify(journal).whole


def test_the_clock_steps_back_and_events_stay_in_order(
    start: Start, running: list[Body], payment: Any, tmp_path: Path
) -> None:
    url, loan = f"sqlite:///{tmp_path / 'journal.db'}", running[0]["score"][0]
    first, second = payment(loan, "P-1"), payment(loan, "P-2")
    server = start(url)
    assert server.post("/v1/events", first, "one").status_code == 200
    server.kill()
    server = start(url, late=7_200)
    again = server.post("/v1/events", first, "two").json()["events"][0]
    assert (again["rows"], again["known"]) == (0, 1)  # what came before the step is still known
    assert server.post("/v1/events", second, "three").json()["events"][0]["rows"] == 1
    assert server.post("/v1/scores", running[1], "four").status_code == 200
    with Journal.open(url, "test", create=False) as journal:
        newest, oldest = (kept.entry for kept in journal.page(Event).rows)
        assert newest.received_at > oldest.received_at
        assert len(journal.event_rows([newest.borrower_id], 0, newest.received_at)) == 2
        verdict = verify(journal)
        assert verdict.whole
        assert any("clock went back" in note for note in verdict.notes)


def test_a_registry_that_is_gone_changes_nothing(
    start: Start, running: list[Body], tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    from book.errors import Refusal
    from training.aliases import pull

    gone = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    server = start(f"sqlite:///{tmp_path / 'journal.db'}", **gone)
    assert server.post("/v1/scores", running[0]).status_code == 200
    for name, value in gone.items():
        monkeypatch.setenv(name, value)
    before, champion = mlflow.get_tracking_uri(), (models_dir / "champion").read_text()
    mlflow.set_tracking_uri(gone["MLFLOW_TRACKING_URI"])
    try:
        with pytest.raises(Refusal):
            pull("loanwatch-default_12m", models_dir, "2026-03-02T08:00:00+00:00", "bo")
    finally:
        mlflow.set_tracking_uri(before)
    assert (models_dir / "champion").read_text() == champion


@pytest.fixture
def models(models_dir: Path, tmp_path: Path) -> Path:
    """A models folder of the test's own."""
    shutil.copytree(models_dir, tmp_path / "models")
    return tmp_path / "models"


def truncated(folder: Path) -> None:
    (folder / "bundle.json").write_bytes((folder / "bundle.json").read_bytes()[:1_000])


def edited(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes().replace(b"leaf_value=0", b"leaf_value=1").replace(b"=-0", b"=-1"))


def absent(folder: Path) -> None:
    shutil.rmtree(folder)


def test_a_broken_bundle_under_the_pointer_is_refused_in_the_open(
    start: Start, models: Path, running: list[Body], tmp_path: Path
) -> None:
    good = (models / "champion").read_text()
    server = start(f"sqlite:///{tmp_path / 'journal.db'}", models=models)
    before = server.post("/v1/scores", running[0]).json()["scores"][0]
    for n, spoil in enumerate((truncated, edited, absent)):
        shutil.copytree(models / "bundles" / good, models / "bundles" / f"spoilt{n}")
        spoil(models / "bundles" / f"spoilt{n}")
        (models / "champion").write_text(f"spoilt{n}")
        until = time.monotonic() + 300
        while f"spoilt{n}" not in str(server.client.get("/readyz").json()["refused"]) and time.monotonic() < until:
            told = server.post("/v1/scores", running[0])
            assert told.status_code == 200
        ready = server.client.get("/readyz").json()
        assert (ready["model"], f"spoilt{n}" in ready["refused"]) == (good, True)
        after = server.post("/v1/scores", running[0]).json()["scores"][0]
        assert (after["pd"], after["feature_hash"]) == (before["pd"], before["feature_hash"])
        assert (figure(server, "loanwatch_champion_ready"), figure(server, "loanwatch_champion_refused")) == (1, 1)
    (models / "champion").write_text(good)
    while server.client.get("/readyz").json()["refused"]:
        time.sleep(0.02)
    assert figure(server, "loanwatch_champion_refused") == 0
