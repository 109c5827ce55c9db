"""What stands behind the desk's pages: what was asked for at the start, and the loans at hand."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from book.errors import Refusal
from reports.desk.labels import Labels
from reports.wording import wording
from serving.backing import Backing
from serving.desk.held import shown
from serving.desk.shelf import Shelf
from serving.errors import CannotAnswer
from serving.journal import JournalDown
from serving.service import Service

log = logging.getLogger("loanwatch.desk")
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
    service: Service
    backing: Backing

    def watch(self, stop: threading.Event, every: float = 5.0) -> None:
        """Keep the loans at hand, and draw a report before the first reader waits; runs in a thread of its own."""
        if self.backing.journal is None:
            return
        warm = False
        while True:
            try:
                order = self.shelf.now().loans
                if not warm and len(order.order) and self.service.champion.state.scorer is not None:
                    self._draw(order.ids[int(order.order[0])])
                    warm = True
            except (CannotAnswer, JournalDown, Refusal, OSError) as error:
                log.warning("the desk cannot read the last night: %s", error)
            if stop.wait(every):
                return

    def _draw(self, loan_id: str) -> None:
        """What the page of a loan asks, to have everything compiled and read that it takes."""
        scorer = self.service.champion.scorer()
        words = wording("en", scorer.settings.currency, scorer.settings.timezone)
        shown(self.backing, scorer, loan_id, Labels(words, scorer.pack))

    @classmethod
    def over(cls, service: Service, backing: Backing, options: DeskOptions) -> Desk:
        """The desk over what stands behind the application."""
        return cls(options, Shelf(backing), service, backing)


def desk_of(request: Request) -> Desk:
    """The desk of the application."""
    desk: Desk = request.app.state.desk
    return desk
