"""Reading a condition of a policy file: what is wrong with it becomes a fault of its line."""

from __future__ import annotations

from collections.abc import Collection

from policy.conditions import Condition, ConditionFault, condition
from policy.reading import Section

_NEVER = condition("0 == 1", ())


def when(section: Section, key: str, facts: Collection[str]) -> Condition:
    """The condition under `key`; one that never holds, and a fault, where it cannot be read."""
    text = section.text(key)
    try:
        return condition(text, facts) if text else _NEVER
    except ConditionFault as fault:
        section.fault(key, str(fault))
        return _NEVER
