"""Figures for Prometheus name routes, never loans; logs are lines of JSON without the values of errors."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from serving.backing import Backing
from serving.champion import Champion
from serving.journal import Alert, Attempt, Journal
from serving.journal.entries import DEAD
from serving.logs import JsonLines
from serving.metrics import Metrics
from serving.webhooks.outbox import message


async def loan(request: Request) -> PlainTextResponse:
    request.scope["route"] = SimpleNamespace(path="/v1/loans/{loan_id}")
    return PlainTextResponse("found")


def measured(tmp_path: Path, journal: Journal | None) -> TestClient:
    def build(_: Path) -> None:
        raise AssertionError

    champion = Champion(tmp_path, build)  # type: ignore[arg-type]
    app = Starlette(routes=[Route("/v1/loans/{loan_id}", loan)])
    return TestClient(Metrics(app, champion, Backing(None, journal)))  # type: ignore[arg-type]


def test_requests_are_counted_by_route_and_no_loan_is_named(tmp_path: Path) -> None:
    asked = measured(tmp_path, None)
    asked.get("/v1/loans/L123")
    asked.get("/v1/loans/L456")
    asked.get("/nowhere/L789")
    text = asked.get("/metrics").text
    assert 'loanwatch_requests_total{method="GET",route="/v1/loans/{loan_id}",status="200"} 2.0' in text
    assert 'route="none",status="404"' in text
    assert "L123" not in text
    assert "L789" not in text
    assert "loanwatch_champion_ready 0.0" in text


def test_the_api_counts_its_own_routes_and_says_that_a_champion_answers(client: TestClient) -> None:
    client.get("/healthz")
    answer = client.get("/metrics")
    assert 'loanwatch_requests_total{method="GET",route="/healthz",status="200"}' in answer.text
    assert "loanwatch_champion_ready 1.0" in answer.text
    assert answer.headers["x-request-id"]


def test_what_waits_in_the_journal_is_told(tmp_path: Path) -> None:
    with Journal.open(f"sqlite:///{tmp_path / 'journal.db'}", "test") as journal:
        asked = measured(tmp_path, journal)
        dead = Attempt(
            delivery_id=message("crm", "alert.fired", "A2", 1, {}, "night").delivery_id, attempt=1, outcome=DEAD
        )
        for entries in (
            told("A1"),
            told("A2"),
            (dead,),
            (fired("A1", "R02"),),
            (fired("A3", "R02"), fired("A4", "R05")),
        ):
            journal.write(*entries).result()
        journal.write(fired("A3", "R02")).result()  # was told before: no other one is opened
        text = asked.get("/metrics").text
    for line in (
        "loanwatch_journal_healthy 1.0",
        "loanwatch_journal_queue 0.0",
        'loanwatch_messages{status="pending"} 1.0',
        'loanwatch_messages{status="dead"} 1.0',
        'loanwatch_alerts_open{rule="R02",severity="O"} 2.0',
        'loanwatch_alerts_open{rule="R05",severity="O"} 1.0',
        'loanwatch_alerts_fired_total{rule="R02",severity="O"} 2.0',
        "loanwatch_journal_write_seconds_count 6.0",
    ):
        assert f"\n{line}\n" in text, line


def told(fact: str) -> tuple[Any, ...]:
    return (message("crm", "alert.fired", fact, 1, {}, "night"),)


def fired(alert_id: str, rule: str) -> Alert:
    return Alert(
        alert_id=alert_id, rule=rule, version="1", severity="O", family="f", level="loan", subject="L", loan_id="L",
        borrower_id="b", fired_on=1, owner="o", action="CALL", request_id="r", actor="a",
    )  # fmt: skip


def test_scores_are_counted_by_status_and_only_once_written(guarded: TestClient, ask: Any, bodies: list[Any]) -> None:
    def count() -> dict[str, float]:
        found = re.findall(r'^loanwatch_scores_total\{source="api",status="(\w+)"\} (\S+)$',
                           guarded.get("/metrics").text, re.MULTILINE)  # fmt: skip
        return {status: float(n) for status, n in found}

    before = count()
    answers = [ask("monitor", "POST", "/v1/scores", body, key="count") for body in (bodies[0], bodies[0], bodies[1])]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    said = Counter(score["status"] for score in answers[0].json()["scores"])
    assert {status: count()[status] - before.get(status, 0) for status in said} == said


def test_a_line_of_the_log_has_the_request_and_not_the_values_of_an_error() -> None:
    try:
        raise ValueError("loan L123 of Zhang San")
    except ValueError:
        record = logging.LogRecord("loanwatch.app", logging.ERROR, "f", 1, "unexpected error", (), sys.exc_info())
    record.request_id = "R1"
    text = JsonLines().format(record)
    line = json.loads(text)
    assert (line["level"], line["request_id"], line["error"]) == ("error", "R1", "ValueError")
    assert line["raised_at"][0].startswith("test_metrics.py:")
    assert "Zhang" not in text


@pytest.mark.parametrize("path", ["/metrics"])
def test_only_get_is_answered_with_figures(tmp_path: Path, path: str) -> None:
    assert measured(tmp_path, None).post(path).status_code == 404
