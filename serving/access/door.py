"""The door: from the credentials of a request to its actor, and whether the service may open at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import msgspec

from book.errors import Refusal
from serving.access.keys import WatchedKeys
from serving.access.limits import Rate, RateLimit
from serving.access.roles import Act, Actor, Role
from serving.access.sessions import Sessions
from serving.access.tokens import Provider, Tokens
from serving.errors import Forbidden, Unauthenticated

KEYS = Path("out/keys.json")
LEAST_SECRET = 32
DEMO_SECRET = "loanwatch demo session secret, for demonstrations alone"
DEMO = Actor("demo", frozenset(Role), "demo")


@dataclass(frozen=True)
class Door:
    """Lets actors in. In demo mode a request without credentials is let in with every role."""

    keys: WatchedKeys
    tokens: Tokens | None
    sessions: Sessions
    limit: RateLimit
    demo: bool = False

    def actor(self, authorization: str, api_key: str, cookie: str, today: date) -> Actor:
        """Who asks, by the header `Authorization: Bearer`, the header `X-API-Key` or the desk's cookie.

        Raises Unauthenticated where credentials are missing or do not hold; wrong ones are never let in as demo.
        """
        if api_key or authorization:
            kind, _, token = authorization.partition(" ")
            text = api_key or (token.strip() if kind.lower() == "bearer" else "")
            found = self.keys.now().actor(text, today) or (self.tokens.actor(text) if self.tokens and text else None)
        else:
            found = self.signed_in(cookie, today) if cookie else DEMO if self.demo else None
        if found is None:
            raise Unauthenticated("the request carries no credentials that hold: an API key or a bearer token")
        return found

    def signed_in(self, cookie: str, today: date) -> Actor | None:
        """Who a session of the desk belongs to; None where it, or the key it began with, does not hold."""
        found = self.sessions.read(cookie)
        if found is None or (found.key and not self.keys.now().holds(found.key, today)):
            return None
        return replace(found.actor, proof="demo") if self.demo and not found.key else found.actor

    def begin(self, text: str, today: date) -> str | None:
        """The cookie of a session for the holder of an API key; None where the key does not hold."""
        actor = self.keys.now().actor(text, today)
        return self.sessions.begin(actor, text.split("_")[1]) if actor else None

    def admit(self, actor: Actor, act: Act) -> None:
        """Raises Forbidden where no role of the actor allows the act."""
        if not actor.may(act):
            held = ", ".join(sorted(actor.roles))
            raise Forbidden(f"{actor.name} may not {act.value}: holds {held}; see the table of roles in docs/api.md")


def door_from_environment(environment: Mapping[str, str] = os.environ) -> Door:
    """The door that the variables describe.

    LOANWATCH_KEYS (file of API keys, default out/keys.json), LOANWATCH_OIDC (JSON file that describes an identity
    provider), LOANWATCH_SESSION_SECRET (at least 32 characters, for the desk), LOANWATCH_RATE and LOANWATCH_BURST.
    Raises Refusal outside demo mode where nobody could be let in, or the secret is missing, short or the demo's.
    """
    demo = environment.get("LOANWATCH_DEMO") == "1"
    path = Path(environment.get("LOANWATCH_KEYS") or KEYS)
    keys = WatchedKeys(path)
    tokens = _tokens(environment.get("LOANWATCH_OIDC"))
    secret = environment.get("LOANWATCH_SESSION_SECRET") or (DEMO_SECRET if demo else "")
    if not demo:
        _safe(len(keys.now()), path, tokens, secret)
    standard = Rate()
    rate = Rate(
        float(environment.get("LOANWATCH_RATE") or standard.per_second),
        int(environment.get("LOANWATCH_BURST") or standard.burst),
    )
    return Door(keys, tokens, Sessions(secret), RateLimit(rate), demo)


def door_of_keys(environment: Mapping[str, str] = os.environ) -> Door | None:
    """The door for commands, which ask nobody in: keys and identity provider as the variables say; None without any.

    Raises Refusal where the file of either cannot be used.
    """
    keys = WatchedKeys(Path(environment.get("LOANWATCH_KEYS") or KEYS))
    tokens = _tokens(environment.get("LOANWATCH_OIDC"))
    if not len(keys.now()) and tokens is None:
        return None
    return Door(keys, tokens, Sessions(""), RateLimit(Rate()))


def _safe(n_keys: int, path: Path, tokens: Tokens | None, secret: str) -> None:
    if not n_keys and tokens is None:
        raise Refusal(
            f"nobody could sign in: {path} holds no API key and LOANWATCH_OIDC names no identity provider; "
            "make a key with `loanwatch keys add NAME --role monitor`, or serve simulated books with --demo"
        )
    if len(secret) < LEAST_SECRET or secret == DEMO_SECRET:
        got = "the demo secret" if secret == DEMO_SECRET else f"{len(secret)} characters"
        raise Refusal(
            f"LOANWATCH_SESSION_SECRET: got {got}, allowed is a secret of your own of at least {LEAST_SECRET} "
            "characters (`loanwatch keys secret` makes one)"
        )


def _tokens(name: str | None) -> Tokens | None:
    if not name:
        return None
    try:
        provider = msgspec.json.decode(Path(name).read_bytes(), type=Provider)
    except (OSError, msgspec.DecodeError) as error:
        raise Refusal(f"LOANWATCH_OIDC: {name}: describes no identity provider: {error}") from error
    if not provider.keys_url.startswith("https://"):
        raise Refusal(f"LOANWATCH_OIDC: {name}: keys_url: got {provider.keys_url!r}, allowed is an https address")
    return Tokens(provider)
