"""Figures for Prometheus name routes, never loans; logs are lines of JSON without the values of errors."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from serving.backing import Backing
from serving.champion import Champion
from serving.journal import Journal
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
        journal.write(message("crm", "alert.fired", "A1", 1, {}, "night")).result()
        text = measured(tmp_path, journal).get("/metrics").text
    assert "loanwatch_journal_healthy 1.0" in text
    assert "loanwatch_messages_pending 1.0" in text
    assert "loanwatch_alerts_open 0.0" in text


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
