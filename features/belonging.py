"""Measures that a History keeps and that ask it in turn, without a circle of references between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

if TYPE_CHECKING:
    from features.history import History


class Belonging:
    """What is measured of `h` and kept by it (`h.once`): it lives as long as `h`, and both go at once.

    A circle of references would stay in memory, arrays and all, until the collector looks for circles.
    """

    def __init__(self, h: History) -> None:
        self._h = ref(h)

    @property
    def h(self) -> History:
        """The History this belongs to; ReferenceError where it is gone."""
        found = self._h()
        if found is None:
            raise ReferenceError(f"{type(self).__name__} outlived its History; ask for it by `h.once`")
        return found
