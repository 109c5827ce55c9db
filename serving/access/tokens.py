"""Bearer tokens of the lender's identity provider (OpenID Connect): signature, issuer, audience, times, roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from serving.access.roles import Actor, Role

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures with a key pair only: no "none", no shared secret that a client could sign with."""
LEEWAY = 30


@dataclass(frozen=True)
class Provider:
    """An identity provider. `roles_claim` may be dotted ("realm_access.roles"); `roles` maps its words to ours.

    `keys_url` is its key set (JWKS); keys are fetched when first needed and kept.
    """

    issuer: str
    audience: str
    keys_url: str
    roles_claim: str = "roles"
    name_claim: str = "sub"
    roles: Mapping[str, str] = field(default_factory=dict)


class Tokens:
    """Checks tokens of one provider. `keys` finds the signing key of a token; by default from the key set."""

    def __init__(self, provider: Provider, keys: Any = None) -> None:
        self._provider = provider
        self._keys = keys or jwt.PyJWKClient(provider.keys_url, cache_keys=True, lifespan=600, timeout=5)

    def actor(self, token: str) -> Actor | None:
        """Who a token belongs to; None where it is forged, expired, for others, unsigned or without a role of ours."""
        provider = self._provider
        try:
            if jwt.get_unverified_header(token).get("alg") not in ALGORITHMS:
                return None
            claims = jwt.decode(
                token,
                self._keys.get_signing_key_from_jwt(token).key,
                algorithms=list(ALGORITHMS),
                audience=provider.audience,
                issuer=provider.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", provider.name_claim]},
            )
        except jwt.PyJWTError:
            return None
        roles = frozenset(Role(name) for name in self._named(claims) if name in set(Role))
        return Actor(str(claims[provider.name_claim]), roles, "token") if roles else None

    def _named(self, claims: Mapping[str, Any]) -> list[str]:
        held: Any = claims
        for step in self._provider.roles_claim.split("."):
            held = held.get(step, ()) if isinstance(held, Mapping) else ()
        words = [held] if isinstance(held, str) else [str(word) for word in held] if isinstance(held, list) else []
        return [self._provider.roles.get(word, word) for word in words]
