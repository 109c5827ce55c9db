"""Why a score moved is told against the night before, when nobody asked about the loan in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from book.load import Book
from serving.access.door import door_from_environment
from serving.app import create_app
from serving.backing import Backing
from serving.holding import loan_out
from serving.incoming import Incoming
from serving.journal import Journal
from serving.memory import Memory
from serving.moving import Past
from serving.nightly import Order, night
from serving.nights import Nights
from serving.scorer import Scorer
from serving.wiring import Wiring, open_store

EARLIER, NOW = "2023-05-31", "2023-06-30"


@pytest.fixture(scope="module")
def backing(book: Book, as_of: int, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Backing:
    """Two nights a month apart, and what answers by day over them."""
    place = tmp_path_factory.mktemp("nights")
    with Journal.open(place / "journal.db", "nightly") as journal:
        for day in (as_of - 30, as_of):
            night(Order(book, day, models_dir, place / f"night{day}", place / "segments", place / "store",
                        workers=1, refresh=False), journal)  # fmt: skip
    journal = Journal.open(place / "journal.db")
    incoming, runs = Incoming(journal), Nights(place / "segments", journal)
    store = open_store(place / "store", incoming)
    return Backing(door_from_environment(), journal, store, Memory(journal, runs), incoming)


@pytest.fixture(scope="module")
def client(backing: Backing, models_dir: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Wiring(models_dir).service(memory=backing.memory), 60, backing)) as client:
        yield client


def scored(backing: Backing) -> list[str]:
    """Loans with a PD in both nights, of other figures."""
    runs = backing.memory.runs
    assert isinstance(runs, Nights)
    found: list[dict[str, Any]] = []
    for before in (None, 19_530):
        run = runs.latest(before_as_of=before)
        assert run is not None
        found.append({row["loan_id"]: row for row in run.ranked()})
    return sorted(loan for loan, row in found[0].items() if loan in found[1] and row["pd"] != found[1][loan]["pd"])


def told(answer: Any, of: str) -> dict[str, Any]:
    """What the answer says about the move, after it was looked at."""
    assert answer.status_code == 200, answer.text
    move: dict[str, Any] = answer.json()["moved"]
    assert (move["since"], answer.json()["latest"]["source"]) == (EARLIER, of)
    assert abs(sum(move["by_family"].values()) - move["change"]) < 1e-9
    assert move["change"] != 0
    return move


def test_a_loan_nobody_asked_about_moved_since_the_night_before(backing: Backing, client: TestClient) -> None:
    loans = scored(backing)
    assert len(loans) > 20
    moves = [told(client.get(f"/v1/loans/{loan}"), "nightly") for loan in loans[:10]]
    shifts = [shift for move in moves for shift in move["shifts"]]
    assert shifts
    assert all(shift["text"]["en"] and shift["text"]["zh"] for shift in shifts)


def test_a_score_by_day_is_compared_with_the_night_of_an_earlier_day(
    backing: Backing, client: TestClient, bodies: list[dict[str, Any]]
) -> None:
    loans = set(scored(backing)[10:])
    for body in [body for body in bodies if set(body["score"]) <= loans][:5]:
        night_says = [client.get(f"/v1/loans/{loan}").json()["moved"]["change"] for loan in body["score"]]
        content = msgspec.json.encode(body | {"as_of": NOW})
        sent = client.post("/v1/scores", content=content, headers={"content-type": "application/json"})
        assert sent.status_code == 200, sent.text
        for loan, change in zip(body["score"], night_says, strict=True):
            assert told(client.get(f"/v1/loans/{loan}"), "api")["change"] == pytest.approx(change, abs=1e-9)


def test_without_the_book_of_the_night_the_families_are_told(backing: Backing, scorer: Scorer) -> None:
    loan = scored(backing)[0]
    move = loan_out(backing.kept(), backing.memory.runs, loan, scorer, 20, None).moved
    whole = loan_out(backing.kept(), backing.memory.runs, loan, scorer, 20, None, backing.store).moved
    assert move is not None
    assert whole is not None
    assert move.shifts == []
    assert "Families alone" in move.text["en"]
    assert move.change == pytest.approx(whole.change, abs=1e-9)
    assert {name: value for name, value in move.by_family.items() if value} == pytest.approx(
        {name: value for name, value in whole.by_family.items() if value}, abs=1e-9
    )


def test_the_figures_of_a_night_are_computed_again_only_where_there_is_something_to_compare_with(
    backing: Backing, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan, asked = scored(backing)[0], []
    tables = backing.book().tables
    monkeypatch.setattr(backing.store, "tables", lambda *given: asked.append(given) or tables(*given))
    past = Past(backing.kept(), backing.memory.runs, backing.store, scorer)
    runs = backing.memory.runs
    assert runs is not None
    for before, times in ((as_of_of(runs.latest()), 0), (None, 2)):
        run = runs.latest(before_as_of=before)
        assert run is not None
        past.since(loan, past.of_night(run, run.lookup([loan])[loan]), None)
        assert len(asked) == times


def as_of_of(run: Any) -> int:
    """The day of a night."""
    return int(run.kept.entry.as_of)
