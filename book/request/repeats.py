"""Fields given twice in one JSON object: JSON readers keep the last and say nothing, so they are looked for here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from book.check.show import clipped
from book.errors import Fault
from book.request.slow import fault

_NAME: Final = b'":'
_NULLS: Final = (b":null", b": null")


def may_repeat(body: bytes, named: int) -> bool:
    """Whether a body may name a field twice: it has other numbers of names than the `named` that were read from it.

    Cheap and careful: True also for unusual spacing.
    """
    more = body.count(_NAME) - named
    return more != 0 and more != sum(map(body.count, _NULLS))


def repeated_fields(body: bytes) -> list[Fault]:
    """A fault for every field that stands more than once in its object."""
    whole = json.loads(body, object_pairs_hook=_Pairs)
    return [fault("repeated_field", path, clipped(name), "each field once") for path, name in _walk(whole, "")]


class _Pairs:
    """A JSON object as it is written, repeated names and all."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for k, item in enumerate(value):
            yield from _walk(item, f"{path}[{k}]")
    elif isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, item in value.pairs:
            place = f"{path}.{clipped(name)}" if path else clipped(name)
            if name in seen:
                yield place, name
            seen.add(name)
            yield from _walk(item, place)
