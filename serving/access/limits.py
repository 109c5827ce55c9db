"""How often an actor may ask: a token bucket each, kept in the process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST_ACTORS = 10_000


@dataclass(frozen=True)
class Rate:
    """Requests a second in the long run, and how many may come at once."""

    per_second: float = 200.0
    burst: int = 400


class RateLimit:
    """Counts requests by actor. Each worker process counts for itself."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, actor: str, now: float, cost: float = 1.0) -> float:
        """0 where the request may go on, else the seconds after which it may; `now` is a steady clock in seconds."""
        with self._lock:
            left, at = self._held.get(actor, (float(self._rate.burst), now))
            left = min(self._rate.burst, left + max(now - at, 0.0) * self._rate.per_second)
            allowed = left >= cost
            self._held[actor] = (left - cost if allowed else left, now)
            self._held.move_to_end(actor)
            if len(self._held) > MOST_ACTORS:
                self._held.popitem(last=False)
        return 0.0 if allowed else (cost - left) / self._rate.per_second
