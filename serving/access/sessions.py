"""Sessions of the desk: a signed, expiring cookie in place of a key in every request, and a token against forgery."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

from serving.access.roles import Actor, named

COOKIE = "loanwatch_session"
HOURS = 10


@dataclass(frozen=True)
class Session:
    """Whose session it is, and the id of the API key it began with ("": none, as in demonstrations)."""

    actor: Actor
    key: str


class Sessions:
    """Makes and reads session cookies with a secret of the service."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._signer = URLSafeTimedSerializer(secret, salt="loanwatch desk session")

    def begin(self, actor: Actor, key: str = "") -> str:
        """The cookie of a session that began with the API key of that id; a nonce keeps two sessions apart."""
        return str(self._signer.dumps([actor.name, sorted(actor.roles), key, secrets.token_hex(8)]))

    def actor(self, cookie: str) -> Actor | None:
        """Who a cookie belongs to; None where it is forged or older than HOURS."""
        found = self.read(cookie)
        return found.actor if found else None

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it is forged or older than HOURS."""
        try:
            name, roles, key, _ = self._signer.loads(cookie, max_age=HOURS * 3600)
            return Session(Actor(str(name), named(roles), "session"), str(key))
        except (BadData, ValueError, TypeError):
            return None

    def form_token(self, cookie: str) -> str:
        """What every form of the session carries, so that another site cannot post it (CSRF)."""
        return hmac.new(self._secret, b"form:" + cookie.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, cookie: str, token: str) -> bool:
        """Whether a form was made for this session."""
        return hmac.compare_digest(self.form_token(cookie).encode(), token.encode())
