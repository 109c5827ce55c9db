"""The door: keys, tokens, sessions, roles and rates let in who belongs, and nobody else."""

from __future__ import annotations

import stat
import time
from datetime import date
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from book.errors import Refusal
from serving.access.approvers import approver_of
from serving.access.door import DEMO_SECRET, Door, door_from_environment
from serving.access.keys import WatchedKeys, add_key, read_keys, revoke_key
from serving.access.limits import Rate, RateLimit
from serving.access.roles import MAY, Act, Actor, Role, named
from serving.access.sessions import Sessions
from serving.access.tokens import Provider, Tokens
from serving.errors import Forbidden, Unauthenticated

TODAY = date(2024, 6, 30)
SECRET = "a secret of our own that is long enough"
PAIR = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
PROVIDER = Provider(
    "https://id.example", "loanwatch", "https://id.example/keys", "realm.roles", roles={"credit": "officer"}
)


class _Keys:
    """A key set with one key."""

    def get_signing_key_from_jwt(self, _: str) -> Any:
        return type("Key", (), {"key": PAIR.public_key()})


def _token(key: Any = PAIR, algorithm: str = "RS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "https://id.example",
        "aud": "loanwatch",
        "sub": "li.wei",
        "exp": now + 600,
        "realm": {"roles": ["credit"]},
    }
    return jwt.encode({**claims, **changes}, key, algorithm=algorithm)


def _door(path: Path, demo: bool = False) -> Door:
    return Door(WatchedKeys(path), Tokens(PROVIDER, _Keys()), Sessions(SECRET), RateLimit(Rate()), demo)


def test_a_key_lets_in_whom_it_was_made_for(tmp_path: Path) -> None:
    text = add_key(tmp_path / "keys.json", "nightly", ["monitor"], TODAY)
    actor = _door(tmp_path / "keys.json").actor("", text, "", TODAY)
    assert actor == Actor("nightly", frozenset({Role.MONITOR}), "key")
    assert _door(tmp_path / "keys.json").actor(f"Bearer {text}", "", "", TODAY) == actor


def test_the_file_of_keys_holds_no_key_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    text = add_key(path, "nightly", ["monitor"], TODAY)
    assert text.split("_")[2] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"),
        lambda t: t + "0",
        lambda _: "",
        lambda _: "lw_x_y",
        lambda t: t.upper(),
    ],
)
def test_a_wrong_key_is_refused_even_in_demo_mode(tmp_path: Path, spoil: Any) -> None:
    text = add_key(tmp_path / "keys.json", "nightly", ["monitor"], TODAY)
    with pytest.raises(Unauthenticated):
        _door(tmp_path / "keys.json", demo=True).actor(f"Bearer {spoil(text)}", "", "", TODAY)


def test_an_expired_and_a_revoked_key_are_refused_while_the_service_runs(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    text = add_key(path, "nightly", ["monitor"], TODAY, expires_on=TODAY)
    door = _door(path)
    assert door.actor("", text, "", TODAY).name == "nightly"
    with pytest.raises(Unauthenticated):
        door.actor("", text, "", date(2024, 7, 1))
    revoke_key(path, text.split("_")[1], TODAY)
    with pytest.raises(Unauthenticated):
        door.actor("", text, "", TODAY)


def test_an_unknown_role_is_refused_with_those_allowed(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="got boss, allowed is approver, auditor, monitor, officer, scientist"):
        add_key(tmp_path / "keys.json", "nightly", ["boss"], TODAY)
    assert not len(read_keys(tmp_path / "keys.json"))


def test_a_token_of_the_provider_is_let_in_with_its_role(tmp_path: Path) -> None:
    actor = _door(tmp_path / "none").actor(f"Bearer {_token()}", "", "", TODAY)
    assert (actor.name, actor.roles, actor.proof) == ("li.wei", frozenset({Role.OFFICER}), "token")


_PUBLIC = PAIR.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _by_public_key() -> str:
    """A token "signed" with the public key as a shared secret, as a forger would (the library refuses to make one)."""
    import base64
    import hashlib
    import hmac
    import json

    def part(value: Any) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    claims = {
        "iss": "https://id.example",
        "aud": "loanwatch",
        "sub": "x",
        "exp": int(time.time()) + 60,
        "realm": {"roles": ["credit"]},
    }
    body = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    sign = base64.urlsafe_b64encode(hmac.new(_PUBLIC, body, hashlib.sha256).digest()).rstrip(b"=")
    return (body + b"." + sign).decode()


@pytest.mark.parametrize(
    "token",
    [
        _token(OTHER),
        _token(exp=int(time.time()) - 3600),
        _token(nbf=int(time.time()) + 3600),
        _token(aud="another service"),
        _token(iss="https://evil.example"),
        _token(realm={"roles": ["visitor"]}),
        _token(None, "none"),
        _by_public_key(),
        _token()[:-4],
        "not.a.token",
    ],
    ids=[
        "forged",
        "expired",
        "not yet",
        "for another",
        "of another",
        "no role",
        "unsigned",
        "public key",
        "cut",
        "nonsense",
    ],
)
def test_a_token_that_does_not_hold_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(Unauthenticated):
        _door(tmp_path / "none", demo=True).actor(f"Bearer {token}", "", "", TODAY)


def test_a_session_comes_back_and_a_changed_cookie_does_not(tmp_path: Path) -> None:
    door, officer = _door(tmp_path / "none"), Actor("li.wei", frozenset({Role.OFFICER}), "key")
    cookie = door.sessions.begin(officer)
    assert door.actor("", "", cookie, TODAY) == Actor("li.wei", frozenset({Role.OFFICER}), "session")
    assert Sessions("another secret of our own, long enough").actor(cookie) is None
    with pytest.raises(Unauthenticated):
        door.actor("", "", ("A" if cookie[0] != "A" else "B") + cookie[1:], TODAY)
    token = door.sessions.form_token(cookie)
    assert door.sessions.is_form_token(cookie, token)
    assert not door.sessions.is_form_token(door.sessions.begin(Actor("x", officer.roles, "key")), token)


def test_without_credentials_only_the_demo_is_open(tmp_path: Path) -> None:
    assert _door(tmp_path / "none", demo=True).actor("", "", "", TODAY).proof == "demo"
    with pytest.raises(Unauthenticated):
        _door(tmp_path / "none").actor("", "", "", TODAY)


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says_and_nothing_else(tmp_path: Path, role: Role, act: Act) -> None:
    actor, door = Actor("somebody", frozenset({role}), "key"), _door(tmp_path / "none")
    if role in MAY[act]:
        door.admit(actor, act)
    else:
        with pytest.raises(Forbidden, match=f"somebody may not {act.value}: holds {role}"):
            door.admit(actor, act)


def test_duties_are_separated() -> None:
    assert not MAY[Act.OVERRIDE] & MAY[Act.AUDIT]
    assert not MAY[Act.APPROVE] & {Role.OFFICER, Role.MONITOR, Role.SCIENTIST}
    assert MAY[Act.AUDIT] == {Role.AUDITOR}


def test_the_service_refuses_to_start_where_nobody_could_be_let_in(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="nobody could sign in"):
        door_from_environment({"LOANWATCH_KEYS": str(tmp_path / "none"), "LOANWATCH_SESSION_SECRET": SECRET})


@pytest.mark.parametrize("secret", ["", "short", DEMO_SECRET])
def test_the_service_refuses_to_start_with_a_default_or_short_secret(tmp_path: Path, secret: str) -> None:
    add_key(tmp_path / "keys.json", "nightly", ["monitor"], TODAY)
    with pytest.raises(Refusal, match="LOANWATCH_SESSION_SECRET"):
        door_from_environment({"LOANWATCH_KEYS": str(tmp_path / "keys.json"), "LOANWATCH_SESSION_SECRET": secret})


def test_the_demo_starts_with_nothing(tmp_path: Path) -> None:
    assert door_from_environment({"LOANWATCH_DEMO": "1", "LOANWATCH_KEYS": str(tmp_path / "none")}).demo


def test_a_provider_with_keys_in_the_clear_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "oidc.json"
    file.write_text('{"issuer": "i", "audience": "a", "keys_url": "http://id.example/keys"}')
    with pytest.raises(Refusal, match="https"):
        door_from_environment({"LOANWATCH_OIDC": str(file), "LOANWATCH_SESSION_SECRET": SECRET})


@given(
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=200), per_second=st.floats(0.5, 20), burst=st.integers(1, 30)
)
def test_nobody_asks_more_often_than_the_rate_allows(gaps: list[float], per_second: float, burst: int) -> None:
    limit, now, let_in = RateLimit(Rate(per_second, burst)), 0.0, 0
    for gap in gaps:
        now += gap
        let_in += limit.wait("a", now) == 0.0
    assert let_in <= burst + per_second * now + 1e-6


def test_an_actor_over_the_rate_is_told_when_to_come_back() -> None:
    limit = RateLimit(Rate(1.0, 1))
    assert limit.wait("a", 0.0) == 0.0
    assert limit.wait("a", 0.0) == pytest.approx(1.0)
    assert limit.wait("b", 0.0) == 0.0
    assert limit.wait("a", 1.0) == 0.0


def test_roles_by_name_name_what_is_wrong() -> None:
    assert named(["officer"]) == {Role.OFFICER}
    with pytest.raises(ValueError, match="got chief"):
        named(["officer", "chief"])


def test_who_answers_for_something_is_known_by_their_own_key(tmp_path: Path) -> None:
    path, today = tmp_path / "keys.json", date(2026, 3, 1)
    keys = {
        name: add_key(path, name, [role], date(2026, 1, 1), date(2026, 2, 1) if name == "Sun" else None)
        for name, role in (("Lin", "approver"), ("Wang", "officer"), ("Zhao", "approver"), ("Sun", "approver"))
    }
    zhao = next(key.id for key in read_keys(path).by_id.values() if key.name == "Zhao")
    revoke_key(path, zhao, date(2026, 2, 1))
    door = Door(WatchedKeys(path), None, Sessions("s" * 40), RateLimit(Rate(1, 1)), demo=True)
    assert approver_of(door, keys["Lin"], "ann", today).name == "Lin"
    for text, asked_by, why in (
        (keys["Wang"], "ann", "Wang may not approve: got officer"), (keys["Zhao"], "ann", "revoked"),
        (keys["Sun"], "ann", "expired"), ("", "ann", "does not hold"), ("lw_x_y", "ann", "does not hold"),
        (keys["Lin"], " lin ", "another person"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=why):
            approver_of(door, text, asked_by, today)
