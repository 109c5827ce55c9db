"""Who answers for what another person asked for: an approver, by their own credentials."""

from __future__ import annotations

from datetime import date

from book.errors import Refusal
from serving.access.door import Door
from serving.access.roles import Act, Actor
from serving.errors import Unauthenticated


def approver_of(door: Door, text: str, asked_by: str, today: date) -> Actor:
    """The holder of an API key, or of a token of the identity provider, where they may approve what `asked_by` asks.

    Raises Refusal where the credentials do not hold, carry no such role, or are those of whoever asks.
    """
    try:
        found = door.actor(f"Bearer {text}", "", "", today)
    except Unauthenticated:
        raise Refusal("the approver's key does not hold: it is unknown, expired or revoked") from None
    if not found.may(Act.APPROVE):
        held = ", ".join(sorted(found.roles))
        raise Refusal(f"{found.name} may not approve: got {held}; allowed is the role approver")
    if found.name.strip().casefold() == asked_by.strip().casefold():
        raise Refusal(f"{found.name} asks for it: another person has to answer for it")
    return found
