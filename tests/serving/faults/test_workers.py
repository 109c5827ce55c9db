"""Two processes on one journal: of two requests with one key one is done, of one payment told twice one is kept."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from serving.journal import Event, Journal, Score
from serving.journal.database import bring_up, database_url
from serving.journal.verify import verify

Body = dict[str, Any]
_COUNT = itertools.count()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new journal."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    server = request.getfixturevalue("postgres")
    name = f"workers_{next(_COUNT)}"
    server.sql(f"CREATE DATABASE {name}")
    bring_up(database_url(server.url(name)), 5)
    return str(server.url(name))


def at_once(servers: list[Any], path: str, body: Body, keys: tuple[str, str]) -> list[Any]:
    """The answers of both servers to the same body, sent at the same moment."""
    together = Barrier(2)

    def send(server: Any, key: str) -> Any:
        together.wait(30)
        return server.post(path, body, key)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, servers, keys))


def test_two_workers_race(url: str, start: Callable[..., Any], running: list[Body], payment: Any) -> None:
    servers = [start(url), start(url)]
    told: list[str] = []
    for n, body in enumerate(running[:12]):
        event = payment(body["score"][0], f"P-{n}")
        for path, sent in (("/v1/scores", body), ("/v1/events", event)):
            one, other = at_once(servers, path, sent, (f"k{n}", f"k{n}"))
            assert one.status_code == other.status_code == 200
            assert one.content == other.content
            told += [score["score_id"] for score in one.json()["scores"]]
    for n, body in enumerate(running[12:20], 12):  # without a common key the payment itself is the key
        both = at_once(servers, "/v1/events", payment(body["score"][0], f"P-{n}"), (f"a{n}", f"b{n}"))
        assert sorted(one.json()["events"][0]["rows"] for one in both) == [0, 1]
        told += [score["score_id"] for one in both for score in one.json()["scores"]]
    with Journal.open(url, "test", create=False) as journal:
        assert len(journal.page(Event, 1_000).rows) == 20
        assert Counter(kept.entry.score_id for kept in journal.page(Score, 1_000).rows) == Counter(told)
        assert {kept.chain for kept in journal.page(Score, 1_000).rows} == {"api/1", "api/2"}
        assert verify(journal).whole
