"""What was said beside what is said now: equal to the last bit, or by name what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from serving.journal.kinds import same_bits


@dataclass(frozen=True)
class Differs:
    """One value that did not come out again."""

    name: str
    was: Any
    now: Any


@dataclass(frozen=True)
class Replayed:
    """The result: what was compared, what differs, and what is gone so that nothing could be computed.

    `program` says which program made the score, and whether it is this one; "" where that was not kept.
    """

    score_id: str
    compared: tuple[str, ...]
    differs: tuple[Differs, ...]
    gone: tuple[str, ...]
    program: str = ""

    @property
    def same(self) -> bool:
        """Everything could be computed again and came out to the same bits."""
        return not self.gone and not self.differs


def compared(score_id: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Replayed:
    """Every value of `was` beside the one of that name in `now`."""
    differs = [one for name, value in was.items() for one in _differing(name, value, now.get(name))]
    return Replayed(score_id, tuple(was), tuple(differs), ())


def _differing(name: str, was: Any, now: Any) -> Iterator[Differs]:
    """Where two values differ; of mappings the fields that do."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for field in dict.fromkeys([*was, *now]):
            yield from _differing(f"{name}.{field}", was.get(field), now.get(field))
    elif not _same(was, now):
        yield Differs(name, was, now)


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        return was.keys() == now.keys() and all(_same(value, now[field]) for field, value in was.items())
    if isinstance(was, list) and isinstance(now, list):
        return len(was) == len(now) and all(map(_same, was, now))
    return same_bits(was, now) if _number(was) and _number(now) else bool(was == now)


def _number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
