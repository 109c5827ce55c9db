"""What stands behind the desk's pages: what was asked for at the start, and the loans at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from serving.backing import Backing
from serving.desk.shelf import Shelf

CAPACITY = 200


@dataclass(frozen=True)
class DeskOptions:
    """How many loans people can look at, and the folders that `portfolio` and `monitor` wrote (None: none)."""

    capacity: int = CAPACITY
    portfolio: Path | None = None
    monitor: Path | None = None


@dataclass(frozen=True)
class Desk:
    """The desk of an application."""

    options: DeskOptions
    shelf: Shelf

    @classmethod
    def over(cls, backing: Backing, options: DeskOptions) -> Desk:
        """The desk over what stands behind the application."""
        return cls(options, Shelf(backing))


def desk_of(request: Request) -> Desk:
    """The desk of the application."""
    desk: Desk = request.app.state.desk
    return desk
