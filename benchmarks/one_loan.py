"""One loan's features: from arrays in memory, and from the bytes of a request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmarks.api import body

WARM, TIMED = 20, 300


@dataclass(frozen=True)
class Latency:
    """p50 in milliseconds, from arrays and from a JSON body."""

    arrays: float
    body: float


def latency() -> Latency:
    """Measure the whole catalogue of one loan with 24 instalments, 24 payments and 600 account rows."""
    import numpy as np

    from book.known import known
    from book.request import decode
    from book.settings import Settings
    from features.catalogue import CATALOGUE
    from features.history import History

    settings, sent = Settings(), body()
    request = decode(sent, settings)
    day = np.full(len(request.loans), request.as_of, np.int32)

    def from_arrays() -> None:
        CATALOGUE.matrix(History(known(request.tables, request.loans, day, settings=settings), settings))

    def from_body() -> None:
        asked = decode(sent, settings)
        CATALOGUE.matrix(History(known(asked.tables, asked.loans, day, settings=settings), settings))

    return Latency(p50(from_arrays), p50(from_body))


def p50(work: Callable[[], None]) -> float:
    """Median milliseconds of `work`, warmed up."""
    times = []
    for turn in range(WARM + TIMED):
        begun = time.perf_counter()
        work()
        if turn >= WARM:
            times.append(time.perf_counter() - begun)
    return 1e3 * median(times)
