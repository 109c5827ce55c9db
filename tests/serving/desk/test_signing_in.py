"""Signing in: keys become sessions, wrong ones do not, and nobody else's page can send our forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from desk_forms import token
from starlette.testclient import TestClient

from serving.access.door import DEMO_SECRET, Door
from serving.access.keys import WatchedKeys, add_key, revoke_key
from serving.access.limits import Rate, RateLimit
from serving.access.roles import Actor, Role
from serving.access.sessions import COOKIE, Sessions
from serving.app import create_app
from serving.backing import Backing
from serving.wiring import Wiring

Sit = Callable[..., TestClient]
TODAY = date(2026, 11, 22)


def test_a_key_becomes_a_session_that_scripts_cannot_read(sit: Sit, keys: dict[str, str], backing: Backing) -> None:
    browser = sit("")
    answer = browser.post("/desk/sign-in", data={"key": keys["officer"], "next": "/desk/alerts?severity=R"})
    assert answer.headers["location"] == "/desk/alerts?severity=R"
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=lax", "path=/desk"))
    assert keys["officer"] not in cookie
    kept = backing.kept().accesses(1, path="/desk/sign-in").rows[0].entry
    assert (kept.actor, kept.role, kept.status) == ("officer", "officer", 303)


def test_over_https_the_cookie_is_sent_over_https_alone(app: Any, keys: dict[str, str]) -> None:
    browser = TestClient(app, base_url="https://desk.example", follow_redirects=False)
    assert "secure" in browser.post("/desk/sign-in", data={"key": keys["officer"]}).headers["set-cookie"].lower()


@pytest.mark.parametrize("key", ["", "lw_000000000000_00", "nonsense", "late", "<script>"])
def test_a_key_that_does_not_hold_begins_no_session(sit: Sit, keys: dict[str, str], key: str) -> None:
    browser = sit("")
    answer = browser.post("/desk/sign-in", data={"key": keys.get(key, key)})
    assert answer.status_code == 401
    assert "This key does not hold" in answer.text
    assert COOKIE not in browser.cookies
    assert "<script>" not in answer.text


def test_a_role_is_no_key_outside_of_demonstrations(sit: Sit) -> None:
    browser = sit("")
    assert browser.post("/desk/sign-in", data={"role": "officer"}).status_code == 401
    assert "Look around as" not in browser.get("/desk/sign-in").text


def test_a_revoked_key_ends_the_sessions_that_began_with_it(app: Any, sit: Sit, keys: dict[str, str]) -> None:
    file = Path(keys["file"])
    text = add_key(file, "leaver", ["officer"], TODAY)
    browser = sit("")
    browser.post("/desk/sign-in", data={"key": text})
    assert browser.get("/desk/queue").status_code == 200
    revoke_key(file, text.split("_")[1], TODAY)
    assert browser.get("/desk/queue").status_code == 303


@pytest.mark.parametrize("forged", ["nonsense", "W10.aSGbJg.x", ""])
def test_a_forged_cookie_is_no_session(sit: Sit, forged: str) -> None:
    browser = sit("")
    browser.cookies.set(COOKIE, forged, path="/desk")
    assert browser.get("/desk/queue").status_code == 303


def test_a_session_of_another_secret_does_not_hold(sit: Sit) -> None:
    browser = sit("")
    cookie = Sessions(DEMO_SECRET).begin(Actor("demo-officer", frozenset(Role), "session"))
    browser.cookies.set(COOKIE, cookie, path="/desk")
    assert browser.get("/desk/queue").status_code == 303


def test_signing_out_ends_the_session_in_this_browser(sit: Sit) -> None:
    browser = sit()
    assert browser.post("/desk/sign-out", data={"token": "other"}).status_code == 403
    assert browser.get("/desk/queue").status_code == 200
    answer = browser.post("/desk/sign-out", data={"token": token(browser, "/desk/help")})
    assert answer.headers["location"] == "/desk/sign-in?why=left"
    assert browser.get("/desk/queue").status_code == 303


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
def test_another_site_cannot_sign_somebody_in(sit: Sit, keys: dict[str, str], headers: dict[str, str]) -> None:
    answer = sit("").post("/desk/sign-in", data={"key": keys["officer"]}, headers=headers)
    assert answer.status_code == 403
    assert "This form is out of date" in answer.text


def test_a_form_of_another_kind_is_refused_as_a_page(sit: Sit) -> None:
    browser = sit("")
    assert browser.post("/desk/sign-in", json={"key": "x"}).status_code == 415
    assert browser.post("/desk/sign-in", data={"key": "x" * 70_000}).status_code == 413
    assert browser.post("/desk/sign-in", data={f"f{n}": "" for n in range(60)}).status_code == 422


@pytest.fixture
def demo(models_dir: Path) -> TestClient:
    door = Door(WatchedKeys(Path("none.json")), None, Sessions(DEMO_SECRET), RateLimit(Rate()), demo=True)
    return TestClient(create_app(Wiring(models_dir).service(), 60, Backing(door)), follow_redirects=False)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_demonstration_lets_in_by_one_press_a_role(demo: TestClient, role: str) -> None:
    assert f'value="{role}"' in demo.get("/desk/sign-in").text
    assert demo.post("/desk/sign-in", data={"role": role}).status_code == 303
    page = demo.get("/desk/help")
    assert f"demo-{role}" in page.text
    assert "simulated borrowers" in page.text


def test_in_a_demonstration_too_nobody_is_in_before_choosing_a_role(demo: TestClient) -> None:
    assert demo.get("/desk/queue").status_code == 303
    assert demo.post("/desk/sign-in", data={"role": "king"}).status_code == 401


def test_without_a_journal_the_desk_says_what_it_needs(demo: TestClient) -> None:
    demo.post("/desk/sign-in", data={"role": "officer"})
    answer = demo.get("/desk/queue", headers={"accept-language": "zh"})
    assert answer.status_code == 503
    assert "--journal" in answer.text
    assert "本服务未保存日志" in answer.text
