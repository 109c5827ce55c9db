"""Odd bodies, addresses and queries of the case work: refused with a path, never a failure, never a score."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Ask = Callable[..., Any]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.sampled_from(["", "9999-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00", "1e308", "\u0000", "\ud83d", "💥" * 300]),
    st.text(max_size=20),
    st.recursive(st.none(), lambda x: st.lists(x, max_size=2) | st.dictionaries(st.text(max_size=3), x, max_size=2)),
)
GUARD: dict[str, Any] = {"loan_id": "L", "channel": "call", "contact_point_id": "P", "timezone": "Asia/Shanghai",
         "at": "2023-07-03T10:00:00+08:00", "party": "borrower", "automated": False, "staff": 1}  # fmt: skip
OVERRIDE: dict[str, Any] = {
    "loan_id": "L",
    "what": "tier",
    "becomes": "T3",
    "reason": "r",
    "expires_on": "2026-01-01",
}
EVENT = {"payment_id": "P", "loan_id": "L", "paid_on": "2023-07-01", "amount": "1.00", "status": "posted"}


def check(answer: Any) -> None:
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert "scores" not in told
    if answer.status_code == 422:
        assert told.get("faults") or told["detail"]


@given(data=st.data(), odd=ODD)
@settings(max_examples=30)
def test_one_odd_field_is_refused(data: st.DataObject, odd: Any, ask: Ask, loan_of_store: str) -> None:
    path, body = data.draw(st.sampled_from([("/v1/guard/contact", GUARD), ("/v1/overrides", OVERRIDE)]))
    spoilt = {**body, data.draw(st.sampled_from([*sorted(body), "other"])): odd}
    check(ask("officer", "POST", path, json.dumps(spoilt).encode()))
    row = {**EVENT, data.draw(st.sampled_from([*sorted(EVENT), "other"])): odd}
    check(ask("monitor", "POST", "/v1/events", json.dumps({"tables": {"payments": [row]}}).encode()))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"tables": []}',
        b'{"tables": {"loans": [{"loan_id": "L"}]}}',
        b'{"tables": {"nothing": [{}]}}',
        b'{"tables": {"payments": {}}}',
        b'{"tables": {}, "tables": {}}',
        b'{"tables": {"payments": [NaN]}}',
        b"[" * 100_000,
        b'{"tables":' * 50_000,
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_event_is_refused(body: bytes, ask: Ask) -> None:
    check(ask("monitor", "POST", "/v1/events", body))
    for path in ("/v1/guard/contact", "/v1/overrides", "/v1/alerts/A/close"):
        check(ask("officer", "POST", path, body))


@pytest.mark.parametrize("odd", ["%00", "%F0%9F%92%A5", "x" * 500, "..%2f..", "%0a", "%ED%A0%BD"])
def test_odd_ids_in_addresses_are_not_held(odd: str, ask: Ask) -> None:
    for path in ("/v1/loans/", "/v1/alerts/"):
        assert ask("officer", "GET", path + odd).status_code == 404
    for query in ("limit=", "before=", "limit=-1", "before=9" * 30, f"loan_id={odd}", "limit=1e3", "limit=%D9%A1"):
        answer = ask("officer", "GET", f"/v1/alerts?{query}")
        assert answer.status_code in (200, 422)


@pytest.mark.parametrize("key", ["x" * 201, "with space", "\u00e9"])
def test_a_key_that_cannot_be_kept_is_refused(key: str, ask: Ask, bodies: list[Any]) -> None:
    answer = ask("monitor", "POST", "/v1/scores", bodies[0], headers={"idempotency-key": key.encode()})
    check(answer)
    assert answer.json()["faults"][0]["path"] == "headers.Idempotency-Key"
