"""From measures to verdicts: a gate fails only where chance cannot explain it, and says when it cannot tell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from monitoring.bootstrap import Interval
from training.case import Case
from training.gates.pack import Gate, GatePack

Status = Literal["pass", "fail", "insufficient", "not_applicable"]
OPEN: tuple[Status, ...] = ("pass", "not_applicable")


@dataclass(frozen=True)
class Found:
    """What was measured of a part of the loans (a grade, a group, a feature): value, bounds, events behind it."""

    part: str
    value: float
    low: float
    high: float
    events: int

    @classmethod
    def of(cls, part: str, interval: Interval, events: int) -> Found:
        """From an interval."""
        return cls(part, interval.value, interval.low, interval.high, events)


@dataclass(frozen=True)
class Verdict:
    """A gate and what came of it. `reason` says why it does not apply, or what cannot be told."""

    gate: Gate
    status: Status
    low: float | None
    high: float | None
    found: tuple[Found, ...]
    reason: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON has it: names and bounds included, so that it can be read without the pack."""
        found = [{name: _finite(value) for name, value in asdict(one).items()} for one in self.found]
        return {
            "gate": self.gate.id,
            "measure": self.gate.measure,
            "status": self.status,
            "low": _finite(self.low),
            "high": _finite(self.high),
            "name": dict(self.gate.name),
            "why": dict(self.gate.why),
            "reason": self.reason,
            "found": found,
        }


def verdicts(case: Case, pack: GatePack) -> list[Verdict]:
    """Every gate of the pack on the case."""
    from training.gates.measures import MEASURES  # which take their `Found` from here

    return [verdict(gate, case.rate, MEASURES[gate.measure](case)) for gate in pack.gates]


def verdict(gate: Gate, rate: float, found: Sequence[Found] | str) -> Verdict:
    """A gate on what its measure found, where the event rate is `rate`; words in place of findings: not applicable."""
    low, high = gate.band(rate)
    if isinstance(found, str):
        return Verdict(gate, "not_applicable", low, high, (), found)
    known = [one for one in found if math.isfinite(one.value)]
    enough = [one for one in known if one.events >= gate.min_events]
    outside = [one for one in enough if not Interval(one.value, one.low, one.high).meets(low, high)]
    if outside:
        return Verdict(gate, "fail", low, high, tuple(found), ", ".join(one.part for one in outside if one.part))
    if not enough or (len(enough) < len(known) and len(known) == 1):
        most = max((one.events for one in found), default=0)
        return Verdict(gate, "insufficient", low, high, tuple(found), f"{most} events; needed: {gate.min_events}")
    return Verdict(gate, "pass", low, high, tuple(found))


def standing(found: Sequence[Mapping[str, Any]]) -> Status:
    """What all verdicts (plain) come to: fail, insufficient or pass."""
    statuses = {one["status"] for one in found}
    worst: tuple[Status, ...] = ("fail", "insufficient")
    return next((status for status in worst if status in statuses), "pass")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
