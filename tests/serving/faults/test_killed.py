"""A server killed (SIGKILL) in the middle of its work: nothing answered is lost, nothing is done twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpx
import pytest

from serving.journal import Event, Journal, Score
from serving.journal.entries import Alert
from serving.journal.verify import verify

Body = dict[str, Any]
Start = Callable[..., Any]


def all_of(journal: Journal, kind: type) -> list[Any]:
    found, before = [], None
    while True:
        page = journal.page(kind, 1_000, before)
        found += [kept.entry for kept in page.rows]
        before = page.next
        if before is None:
            return found


@pytest.mark.parametrize("point", ["begun", "made", "writing", "committed"])
def test_in_the_middle_of_an_event(point: str, start: Start, payment: Any, loan_of_store: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    doomed, event = start(url, point), payment(loan_of_store)
    with pytest.raises(httpx.TransportError):
        doomed.post("/v1/events", event, "one")
    doomed.ended()
    with Journal.open(url, "test", create=False) as journal:
        assert len(all_of(journal, Event)) == (point == "committed")
    server = start(url)
    first, again = (server.post("/v1/events", event, "one") for _ in range(2))
    assert (first.status_code, first.content) == (200, again.content), first.text
    (told,) = first.json()["events"]
    assert (told["rows"], told["known"]) == (1, 0)  # the event that was meant, however often it was sent
    with Journal.open(url, "test", create=False) as journal:
        assert [one.event_id for one in all_of(journal, Event)] == [told["event_id"]]
        assert Counter(one.score_id for one in all_of(journal, Score)) == Counter(
            one["score_id"] for one in first.json()["scores"]
        )
        alerts = [alert["alert_id"] for one in first.json()["scores"] for alert in one["decision"]["alerts"]]
        assert {one.alert_id for one in all_of(journal, Alert)} == set(alerts)
        assert verify(journal).whole


def test_at_any_moment_under_load(start: Start, payment: Any, running: list[Body], tmp_path: Path) -> None:
    """Clients send events and scores, again with the same key where no answer came, through three kills."""
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    server = [start(url)]
    jobs: dict[str, tuple[str, Body]] = {}
    for n, body in enumerate(running[:60]):
        event = payment(body["score"][0], f"P-{n}")
        jobs[str(n)] = ("/v1/events", event) if n % 2 else ("/v1/scores", body)
    waiting, answered = SimpleQueue[str](), {}
    for key in jobs:
        waiting.put(key)

    def client() -> None:
        with suppress(Empty):
            while True:
                key = waiting.get_nowait()
                while key not in answered:
                    with suppress(httpx.TransportError, RuntimeError):  # RuntimeError: the client of a killed server
                        answered[key] = server[0].post(*jobs[key], key)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for kills in range(1, 4):
        while len(answered) < 14 * kills:
            time.sleep(0.002)
        server[0].kill()
        server[0] = start(url)
    for thread in threads:
        thread.join(300)
    assert answered.keys() == jobs.keys()
    for key, told in answered.items():
        assert told.status_code == 200, told.text
        assert server[0].post(*jobs[key], key).content == told.content
    with Journal.open(url, "test", create=False) as journal:
        assert len(all_of(journal, Event)) == len(jobs) // 2
        told = [score["score_id"] for one in answered.values() for score in one.json()["scores"]]
        assert Counter(one.score_id for one in all_of(journal, Score)) == Counter(told)
        assert verify(journal).whole
