"""Servers to be killed: a process that has imported everything makes a child for each line it reads.

A line is JSON: the port, the variables of `Wiring`, the point of its first event at which the child kills itself
(SIGKILL; "" for none), the seconds by which its clock is late, and those that its journal waits for a database. The
answer is the child's process id.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import uvicorn
from sqlalchemy import Connection

from serving.app import create_app
from serving.events import EventDesk
from serving.journal import Journal
from serving.journal.transaction import Transaction
from serving.lean import import_lightgbm
from serving.wiring import Wiring

begun = False


def die() -> NoReturn:
    """As the power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def killing(function: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    """A function that ends the process, before or after its work, once `begun`."""

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        if begun and before:
            die()
        made = function(*given, **named)
        if begun and not before:
            die()
        return made

    return called


def beginning(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function after which everything is `begun`."""

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        global begun
        made = function(*given, **named)
        begun = any(entry.kind.name == "event" for submission in given[1] for entry in submission.entries)
        return made

    return called


def arm(point: str) -> None:
    """Make this process kill itself: at the begin of an event, when all is made, all but committed, or committed."""
    if point in ("begun", "made"):
        taking: Any = EventDesk.take

        def take(*given: Any) -> Any:
            return die() if point == "begun" else (taking(*given), die())

        EventDesk.take = take  # type: ignore[method-assign]
    elif point:
        Transaction.take = beginning(Transaction.take)  # type: ignore[method-assign]
        Connection._commit_impl = killing(Connection._commit_impl, before=point == "writing")  # type: ignore[method-assign]


def late(seconds: int) -> None:
    """Set the clock of this process back."""
    real, whole = time.time, time.time_ns
    time.time = lambda: real() - seconds
    time.time_ns = lambda: whole() - seconds * 1_000_000_000


def serve(order: dict[str, Any]) -> None:
    """Answer until killed."""
    arm(order["point"])
    late(order["late"])
    opening: Any = Journal.open.__func__  # type: ignore[attr-defined]
    opening.__kwdefaults__["patience"] = order["patience"]
    os.environ.update(order["environment"])
    wiring = Wiring.read()
    backing = wiring.backing()
    app = create_app(wiring.service(memory=backing.memory), 0.1, backing)
    uvicorn.run(app, host="127.0.0.1", port=order["port"], log_level="warning")


def main() -> None:
    """Make a child for each order."""
    import_lightgbm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(json.loads(line))
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
