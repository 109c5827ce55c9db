"""Properties worked out once and kept, without the lock that functools takes on Python 3.11: there are many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class kept(Generic[T]):
    """A property whose value stands in the object's own dictionary from its first reading on."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, one: None, owner: type) -> kept[T]: ...

    @overload
    def __get__(self, one: object, owner: type) -> T: ...

    def __get__(self, one: object | None, owner: type) -> kept[T] | T:
        if one is None:
            return self
        found = one.__dict__[self._name] = self._work(one)
        return found
