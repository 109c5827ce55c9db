"""Alerts and changes of tier found by day are told to other systems in the transaction that keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from serving.access.door import door_from_environment
from serving.app import create_app
from serving.backing import Backing
from serving.incoming import Incoming
from serving.journal import Journal
from serving.journal.entries import Alert, Delivery
from serving.journal.verify import verify
from serving.memory import Memory
from serving.webhooks.announcing import FIRED, TIER_CHANGED
from serving.wiring import Wiring, open_store

Body = dict[str, Any]
FILE = """
[[endpoint]]
id = "crm"
url = "https://crm.example/hook"
secret_env = "CRM_SECRET"
[[endpoint]]
id = "collection"
url = "https://collection.example/hook"
secret_env = "CRM_SECRET"
topics = ["alert.fired"]
least_severity = "R"
"""


@pytest.fixture
def send(
    models_dir: Path, journal: Journal, store_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, object], Any]]:
    """Post to a service that tells two systems."""
    monkeypatch.setenv("CRM_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    (tmp_path / "webhooks.toml").write_text(FILE)
    incoming = Incoming(journal)
    backing = Backing(door_from_environment(), journal, open_store(store_root, incoming), Memory(journal), incoming)
    wiring = Wiring(models_dir, webhooks=tmp_path / "webhooks.toml")
    with TestClient(create_app(wiring.service(memory=backing.memory), 60, backing)) as client:
        yield lambda path, body: client.post(
            path, content=msgspec.json.encode(body), headers={"content-type": "application/json"}
        ).json()
        client.app.state.backing = Backing(backing.door)  # type: ignore[attr-defined]  # the journal is the module's


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.db") as opened:
        yield opened


def said(journal: Journal, **having: str) -> list[tuple[Delivery, dict[str, Any]]]:
    """Every message with its content."""
    lives = journal.deliveries(limit=1_000, **having).rows
    return [(life.entry, json.loads(journal.payload(life.entry.body) or b"")) for life in lives]


def test_alerts_of_scores_and_events_are_told_once_to_those_who_want_them(
    send: Callable[[str, object], Any], journal: Journal, bodies: list[Body], loan_of_store: str
) -> None:
    told = send("/v1/scores/batch", {"requests": bodies[:40]})
    send("/v1/scores/batch", {"requests": bodies[:40]})
    failed = {
        "payment_id": "P-1",
        "loan_id": loan_of_store,
        "paid_on": "2023-07-01",
        "amount": "9.00",
        "status": "failed",
    }
    assert send("/v1/events", {"tables": {"payments": [failed]}})["scores"]
    alerts = {kept.entry.alert_id: kept.entry for kept in journal.page(Alert, 1_000).rows}
    assert {alert["alert_id"] for item in told["results"] for score in item.get("scores", [])
            for alert in score["decision"]["alerts"]} <= set(alerts)  # fmt: skip
    crm = said(journal, endpoint="crm", topic=FIRED)
    assert sorted(entry.subject for entry, _ in crm) == sorted(alerts)
    red = said(journal, endpoint="collection")
    assert {entry.subject for entry, _ in red} == {name for name, one in alerts.items() if one.severity == "R"} != set()
    for entry, content in crm:
        data = content["data"]
        assert (content["type"], data["alert_id"], data["rule"]) == (FIRED, entry.subject, alerts[entry.subject].rule)
        assert data["score_id"] == alerts[entry.subject].score_id
        assert {"text", "evidence", "action", "severity"} <= set(data)
        kept = journal.one(Alert, alert_id=entry.subject)
        delivery = journal.one(Delivery, delivery_id=entry.delivery_id)
        assert kept is not None
        assert delivery is not None
        assert (kept.chain, kept.at) == (delivery.chain, delivery.at)  # of one transaction
    assert verify(journal).whole


def test_a_change_of_tier_is_told(send: Callable[[str, object], Any], journal: Journal, bodies: list[Body]) -> None:
    tiers: dict[str, list[str]] = {}
    for day in ("2023-01-31", "2023-03-31", "2023-06-30"):
        for item in send("/v1/scores/batch", {"requests": [body | {"as_of": day} for body in bodies[:60]]})["results"]:
            for score in item.get("scores", []):
                if score["tier"]:
                    tiers.setdefault(score["loan_id"], []).append(score["tier"])
    moves = sorted((loan, was, now) for loan, path in tiers.items() for was, now in pairwise(path) if was != now)
    messages = [content["data"] for _, content in said(journal, topic=TIER_CHANGED)]
    assert moves
    assert sorted((one["loan_id"], one["was"], one["becomes"]) for one in messages) == moves
    assert all(one["score_id"].startswith("S") and one["as_of"] > "2023-01-31" for one in messages)
