"""API keys: made once and shown once; only a hash of each is kept, in a plain file."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import msgspec

from book.errors import Refusal
from serving.access.roles import Actor, named

PREFIX = "lw"
_ID_BYTES, _SECRET_BYTES = 6, 32


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key as kept. `hash` is the SHA-256 of the secret: 256 random bits need no slow hash."""

    id: str
    name: str
    roles: tuple[str, ...]
    hash: str
    made_on: str
    expires_on: str = ""
    revoked_on: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    keys: list[Key] = []


@dataclass(frozen=True)
class Keys:
    """The keys of a file, by id."""

    by_id: Mapping[str, Key]

    def __len__(self) -> int:
        return len(self.by_id)

    def actor(self, text: str, today: date) -> Actor | None:
        """Who a key belongs to; None where it is unknown, wrong, expired or revoked. Compared in constant time."""
        parts = text.split("_")
        if len(parts) != 3 or parts[0] != PREFIX:
            return None
        key = self.by_id.get(parts[1])
        right = hmac.compare_digest(_hash(parts[2]), key.hash if key else _hash(""))
        if key is None or not right or not self.holds(key.id, today):
            return None
        return Actor(key.name, named(key.roles), "key")

    def holds(self, place: str, today: date) -> bool:
        """Whether the key of an id is there, not expired and not revoked."""
        key = self.by_id.get(place)
        return key is not None and not key.revoked_on and not (key.expires_on and today.isoformat() > key.expires_on)


def read_keys(path: Path) -> Keys:
    """The keys in a file, none where it is absent; Refusal names the fault of a file that cannot be used."""
    if not path.exists():
        return Keys(MappingProxyType({}))
    try:
        held = msgspec.json.decode(path.read_bytes(), type=_File)
        for key in held.keys:
            named(key.roles)
    except (msgspec.DecodeError, ValueError) as error:
        raise Refusal(f"{path}: is no file of API keys: {error}") from error
    return Keys(MappingProxyType({key.id: key for key in held.keys}))


def add_key(path: Path, name: str, roles: Sequence[str], today: date, expires_on: date | None = None) -> str:
    """Make a key, keep its hash in `path`, and return its text: it cannot be shown again.

    Raises Refusal for an empty name, an unknown role or no role.
    """
    try:
        held = sorted(named(roles))
    except ValueError as error:
        raise Refusal(str(error)) from error
    if not name.strip() or not held:
        raise Refusal(f"a key needs a name and at least one role; got {name!r} and {list(roles)}")
    secret, place = secrets.token_hex(_SECRET_BYTES), secrets.token_hex(_ID_BYTES)
    expires = expires_on.isoformat() if expires_on else ""
    key = Key(place, name.strip(), tuple(held), _hash(secret), today.isoformat(), expires)
    _write(path, [*read_keys(path).by_id.values(), key])
    return f"{PREFIX}_{place}_{secret}"


def revoke_key(path: Path, place: str, today: date) -> Key:
    """Revoke a key by its id; Refusal where there is none. The entry stays, so that the journal's names stay known."""
    keys = dict(read_keys(path).by_id)
    if place not in keys:
        raise Refusal(f"{path}: no key {place!r}; there are: {', '.join(sorted(keys)) or 'none'}")
    keys[place] = msgspec.structs.replace(keys[place], revoked_on=today.isoformat())
    _write(path, list(keys.values()))
    return keys[place]


class WatchedKeys:
    """The keys of a file, read again when it changes: a revoked key stops working without a restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._keys = read_keys(path)

    def now(self) -> Keys:
        """The keys as the file has them; the last good ones while it cannot be read."""
        try:
            state = self._path.stat()
            mark = (state.st_mtime_ns, state.st_size)
        except OSError:
            return self._keys
        if mark != self._seen:
            with self._lock:
                try:
                    self._keys, self._seen = read_keys(self._path), mark
                except Refusal:
                    return self._keys
        return self._keys


def _write(path: Path, keys: list[Key]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(_File(keys)), indent=1))
    os.replace(unfinished, path)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
