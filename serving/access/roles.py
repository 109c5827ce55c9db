"""Roles and what each may do: one table, read by the routes, the desk, the documentation and the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Duties of the function; a person or a service may hold several."""

    SCIENTIST = "scientist"
    OFFICER = "officer"
    MONITOR = "monitor"
    APPROVER = "approver"
    AUDITOR = "auditor"


class Act(StrEnum):
    """What can be done through the service. Every route names one."""

    SCORE = "score"
    SEND_EVENTS = "send events"
    READ_LOANS = "read loans"
    READ_ALERTS = "read alerts"
    WORK_ALERTS = "work alerts"
    READ_QUEUE = "read the queue"
    ASK_GUARD = "ask the guard"
    OVERRIDE = "override"
    APPROVE = "approve"
    REVIEW = "review for a borrower"
    READ_MODEL = "read the model"
    READ_PACKS = "read packs"
    READ_BOOK = "read the state of the book"
    READ_DELIVERIES = "read deliveries"
    ADMINISTER = "administer"
    AUDIT = "audit"


_ALL = frozenset(Role)
MAY: dict[Act, frozenset[Role]] = {
    Act.SCORE: frozenset({Role.MONITOR, Role.SCIENTIST, Role.OFFICER}),
    Act.SEND_EVENTS: frozenset({Role.MONITOR}),
    Act.READ_LOANS: frozenset({Role.OFFICER, Role.MONITOR, Role.APPROVER, Role.AUDITOR}),
    Act.READ_ALERTS: frozenset({Role.OFFICER, Role.MONITOR, Role.APPROVER, Role.AUDITOR}),
    Act.WORK_ALERTS: frozenset({Role.OFFICER, Role.APPROVER}),
    Act.READ_QUEUE: frozenset({Role.OFFICER, Role.MONITOR, Role.APPROVER}),
    Act.ASK_GUARD: frozenset({Role.OFFICER, Role.MONITOR}),
    Act.OVERRIDE: frozenset({Role.OFFICER, Role.APPROVER}),
    Act.APPROVE: frozenset({Role.APPROVER}),
    Act.REVIEW: frozenset({Role.OFFICER, Role.APPROVER}),
    Act.READ_MODEL: _ALL,
    Act.READ_PACKS: _ALL,
    Act.READ_BOOK: frozenset({Role.OFFICER, Role.SCIENTIST, Role.APPROVER, Role.AUDITOR}),
    Act.READ_DELIVERIES: frozenset({Role.MONITOR, Role.AUDITOR}),
    Act.ADMINISTER: frozenset({Role.APPROVER}),
    Act.AUDIT: frozenset({Role.AUDITOR}),
}
"""Which roles may do what. Separation of duties: who changes a decision may not erase its traces, who audits changes
nothing, and a scientist sees models and the book's figures but works no case.
"""


@dataclass(frozen=True)
class Actor:
    """Who asks: a name for the journal, the roles held, and how it was proved ("key", "token", "session", "demo")."""

    name: str
    roles: frozenset[Role]
    proof: str

    def may(self, act: Act) -> bool:
        """Whether one of the roles held allows the act."""
        return bool(self.roles & MAY[act])


def named(names: Iterable[str]) -> frozenset[Role]:
    """Roles by their names; ValueError names what is not one and what is allowed."""
    known = {role.value for role in Role}
    wrong = sorted(set(names) - known)
    if wrong:
        raise ValueError(f"role: got {', '.join(wrong)}, allowed is {', '.join(sorted(known))}")
    return frozenset(Role(name) for name in names)
