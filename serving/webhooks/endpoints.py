"""Who gets messages: a TOML file of endpoints, their secrets from the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from book.errors import Refusal
from policy.parts.rules import SEVERITIES
from serving.journal.entries import Delivery
from serving.journal.ids import now_us
from serving.webhooks.outbox import message
from serving.webhooks.signing import secret_of

TOPICS: Final = ("alert.fired", "tier.changed")
_KEYS: Final = {"id", "url", "secret_env", "topics", "least_severity", "allow_http", "allow_private"}


@dataclass(frozen=True)
class Endpoint:
    """A receiver. `topics` are those it wants, alerts from `least_severity` up.

    `allow_http` and `allow_private` are for receivers inside the house: plain HTTP, and addresses not of the internet.
    """

    id: str
    url: str
    secret: bytes = field(repr=False)
    topics: tuple[str, ...] = TOPICS
    least_severity: str = SEVERITIES[0]
    allow_http: bool = False
    allow_private: bool = False

    def wants(self, topic: str, said: Mapping[str, Any]) -> bool:
        """Whether it is to hear of a fact."""
        severity = said.get("severity")
        grave = severity not in SEVERITIES or SEVERITIES.index(severity) >= SEVERITIES.index(self.least_severity)
        return topic in self.topics and grave


def read_endpoints(path: Path, environment: Mapping[str, str] = os.environ) -> tuple[Endpoint, ...]:
    """The endpoints in a TOML file of `[[endpoint]]`. Raises Refusal with every fault found."""
    try:
        given = tomllib.loads(path.read_text("utf-8")).get("endpoint", [])
    except (OSError, ValueError) as error:
        raise Refusal(f"{path}: cannot be read; got: {error}; allowed: a TOML file of [[endpoint]]") from error
    found: list[Endpoint] = []
    faults: list[str] = []
    for number, one in enumerate(given if isinstance(given, list) else [], 1):
        try:
            found.append(_endpoint(one, environment))
        except Refusal as refusal:
            faults.append(f"{path}, endpoint {number}: {refusal}")
    ids = [one.id for one in found]
    faults += [f"{path}: endpoint id {name!r} is given twice" for name in sorted(set(ids)) if ids.count(name) > 1]
    if faults or not found:
        raise Refusal("\n".join(faults) or f"{path}: got no [[endpoint]]; allowed: at least one")
    return tuple(found)


def _endpoint(given: Any, environment: Mapping[str, str]) -> Endpoint:
    if not isinstance(given, dict) or set(given) - _KEYS or not {"id", "url", "secret_env"} <= set(given):
        got = ", ".join(sorted(map(str, given))) if isinstance(given, dict) else type(given).__name__
        raise Refusal(f"got {got}; needed: id, url, secret_env; allowed: {', '.join(sorted(_KEYS))}")
    topics = given.get("topics", list(TOPICS))
    if not isinstance(topics, list) or not topics or not set(topics) <= set(TOPICS):
        raise Refusal(f"topics: got {topics!r}; allowed: {', '.join(TOPICS)}")
    if given.get("least_severity", SEVERITIES[0]) not in SEVERITIES:
        raise Refusal(f"least_severity: got {given['least_severity']!r}; allowed: {', '.join(SEVERITIES)}")
    if any(not isinstance(given.get(name, False), bool) for name in ("allow_http", "allow_private")):
        raise Refusal("allow_http, allow_private: allowed: true, false")
    _checked_url(str(given["url"]), bool(given.get("allow_http")))
    variable = str(given["secret_env"])
    secret = secret_of(environment.get(variable, ""), f"environment variable {variable}")
    return Endpoint(
        str(given["id"]), str(given["url"]), secret, tuple(topics), given.get("least_severity", SEVERITIES[0]),
        given.get("allow_http", False), given.get("allow_private", False),
    )  # fmt: skip


def _checked_url(url: str, allow_http: bool) -> None:
    parts = urlsplit(url)
    schemes = ("https", "http") if allow_http else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise Refusal(f"url: got {url!r}; allowed: {' or '.join(schemes)}://HOST...; allow_http = true lets http pass")
    if parts.username or parts.password or parts.fragment:
        raise Refusal("url: allowed: no user, password or fragment in it")


def announcer(
    endpoints: Sequence[Endpoint], request_id: str, clock: Callable[[], int] = now_us
) -> Callable[[str, str, dict[str, Any]], list[Delivery]]:
    """What makes the messages about a fact: `announce(topic, fact, said)`, entries to be written with the fact."""

    def announce(topic: str, fact: str, said: dict[str, Any]) -> list[Delivery]:
        wanting = [one for one in endpoints if one.wants(topic, said)]
        return [message(one.id, topic, fact, clock(), said, request_id) for one in wanting]

    return announce
