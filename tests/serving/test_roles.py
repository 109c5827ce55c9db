"""Who may do what: every endpoint for every role, and credentials that do not hold."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from serving.access.keys import add_key, revoke_key
from serving.access.limits import Rate, RateLimit
from serving.access.roles import MAY, Act, Role

Ask = Callable[..., Any]
ENDPOINTS = {
    ("POST", "/v1/scores"): Act.SCORE,
    ("POST", "/v1/scores/batch"): Act.SCORE,
    ("POST", "/v1/events"): Act.SEND_EVENTS,
    ("GET", "/v1/loans/{loan_id}"): Act.READ_LOANS,
    ("GET", "/v1/queue"): Act.READ_QUEUE,
    ("GET", "/v1/alerts"): Act.READ_ALERTS,
    ("GET", "/v1/alerts/{alert_id}"): Act.READ_ALERTS,
    ("POST", "/v1/alerts/{alert_id}/acknowledge"): Act.WORK_ALERTS,
    ("POST", "/v1/alerts/{alert_id}/act"): Act.WORK_ALERTS,
    ("POST", "/v1/alerts/{alert_id}/close"): Act.WORK_ALERTS,
    ("POST", "/v1/guard/contact"): Act.ASK_GUARD,
    ("GET", "/v1/model"): Act.READ_MODEL,
    ("GET", "/v1/packs"): Act.READ_PACKS,
    ("POST", "/v1/overrides"): Act.OVERRIDE,
    ("GET", "/v1/overrides"): Act.READ_LOANS,
    ("POST", "/v1/overrides/{override_id}/approve"): Act.APPROVE,
    ("POST", "/v1/overrides/{override_id}/decline"): Act.APPROVE,
    ("POST", "/v1/reviews"): Act.REVIEW,
    ("GET", "/v1/reviews"): Act.READ_LOANS,
    ("POST", "/v1/reviews/{review_id}/close"): Act.REVIEW,
    ("POST", "/v1/admin/reload"): Act.ADMINISTER,
    ("GET", "/v1/audit"): Act.AUDIT,
}
OPEN = {("GET", "/healthz"), ("GET", "/readyz")}


def token(key: rsa.RSAPrivateKey | str, algorithm: str = "RS256", **changed: Any) -> str:
    claims = {"iss": "https://id.example", "aud": "loanwatch", "sub": "lin", "exp": time.time() + 600,
              "roles": ["monitor"]}  # fmt: skip
    return jwt.encode(claims | changed, key, algorithm)


def test_the_table_of_endpoints_is_the_whole_api(guarded: TestClient) -> None:
    paths = guarded.get("/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, item in paths.items() for method in item if method in ("get", "post")}
    assert there - OPEN - {("GET", "/metrics")} == set(ENDPOINTS)


@pytest.mark.parametrize("role", list(Role))
def test_every_endpoint_lets_in_those_who_may_and_no_other(role: Role, ask: Ask) -> None:
    for (method, path), act in ENDPOINTS.items():
        answer = ask(role.value, method, path.replace("{", "").replace("}", ""), b"{}" if method == "POST" else None)
        allowed = role in MAY[act]
        assert (answer.status_code != 403) == allowed, (role, method, path, answer.status_code)
        assert answer.status_code not in (401, 429, 500)
        if not allowed:
            assert answer.json()["type"] == "urn:loanwatch:problem:forbidden"
            assert act.value in answer.json()["detail"]


def test_nobody_without_credentials_but_to_ask_for_health(guarded: TestClient) -> None:
    for method, path in ENDPOINTS:
        answer = guarded.request(method, path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert guarded.get("/healthz").status_code == guarded.get("/readyz").status_code == 200


def test_a_token_of_the_identity_provider_opens(guarded: TestClient, signing: rsa.RSAPrivateKey) -> None:
    told = guarded.get("/v1/model", headers={"authorization": f"Bearer {token(signing)}"})
    assert told.status_code == 200


def _unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {"iss": "https://id.example", "aud": "loanwatch", "sub": "x",
             "exp": time.time() + 600, "roles": ["approver"]})  # fmt: skip
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


def test_tokens_that_do_not_hold_do_not_open(guarded: TestClient, signing: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrong = {
        "expired": token(signing, exp=time.time() - 3600),
        "forged": token(other),
        "none": _unsigned(),
        "shared secret": token("a shared secret of at least 32 bytes", "HS256"),
        "for others": token(signing, aud="somebody"),
        "of another issuer": token(signing, iss="https://elsewhere.example"),
        "without a role": token(signing, roles=[]),
        "not yet": token(signing, nbf=time.time() + 3600),
        "no token": "lw_abc_def",
        "odd": "\u00e9".encode().decode("latin-1"),
    }
    for name, one in wrong.items():
        for method, path in ENDPOINTS:
            answer = guarded.request(method, path, headers={"authorization": f"Bearer {one}".encode("latin-1")})
            assert answer.status_code == 401, (name, method, path)


def test_expired_revoked_and_wrong_keys_do_not_open(guarded: TestClient, keys: dict[str, str]) -> None:
    path = Path(keys["file"])
    fresh = add_key(path, "fresh", ["monitor"], date(2026, 1, 1))
    assert guarded.get("/v1/model", headers={"x-api-key": fresh}).status_code == 200
    revoke_key(path, fresh.split("_")[1], date(2026, 1, 2))
    for key in (fresh, keys["late"], keys["monitor"][:-1] + "x", "lw__"):
        for method, path in ENDPOINTS:
            assert guarded.request(method, path, headers={"x-api-key": key}).status_code == 401, (key[:20], path)


def test_who_asks_too_often_is_told_when_to_come_back(guarded: TestClient, keys: dict[str, str]) -> None:
    backing = guarded.app.state.backing  # type: ignore[attr-defined]
    held = backing.door
    object.__setattr__(backing, "door", type(held)(held.keys, held.tokens, held.sessions, RateLimit(Rate(0.1, 1))))
    try:
        answers = [guarded.get("/v1/model", headers={"x-api-key": keys["monitor"]}) for _ in range(2)]
    finally:
        object.__setattr__(backing, "door", held)
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 0 < int(answers[1].headers["retry-after"]) <= 10


def test_the_documented_table_of_roles_is_the_one_in_force(root: Path) -> None:
    page = (root / "docs" / "api.md").read_text("utf-8")
    for (method, path), act in ENDPOINTS.items():
        cells = " | ".join("yes" if role in MAY[act] else "" for role in Role)
        assert f"| `{method} {path}` | {act.value} | {cells} |" in page
