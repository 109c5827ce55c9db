"""Who may agree to what another person decides: somebody known here, with the role for it."""

from __future__ import annotations

from datetime import date

from serving.access.door import Door
from serving.access.roles import MAY, Act
from serving.journal import Access, Journal

LOOKED_AT = 20


def approves(name: str, door: Door, journal: Journal, today: date) -> bool:
    """Whether the holder of a key, or somebody who came with a token of the identity provider, may approve.

    Holders of keys are known by the file of keys; who comes with a token is known once the audit has seen the role.
    """
    wanted, roles = name.strip(), {role.value for role in MAY[Act.APPROVE]}
    held = door.keys.now()
    keys = [key for key in held.by_id.values() if key.name.casefold() == wanted.casefold()]
    if keys:
        return any(roles & set(key.roles) and held.holds(key.id, today) for key in keys)
    if door.tokens is None:
        return False
    seen = journal.page(Access, LOOKED_AT, actor=wanted).rows
    return any(roles & set(kept.entry.role.split(",")) for kept in seen)
