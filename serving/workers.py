"""Worker processes on one port, which take new connections in turn.

Left alone, the worker that wakes first takes every connection that waits, and the others idle: see `fair.py`. On Linux
workers are forks of a process that has imported everything and done nothing: one thread, no connection, no model. They
are ready as soon as one would be, and share what was imported. Elsewhere, and where that process has another thread,
each worker is a new interpreter; on Linux with a socket of its own, so that the kernel spreads connections.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cached_property
from multiprocessing.process import BaseProcess
from typing import Any, Final, cast

import uvicorn.supervisors.multiprocess as supervisor
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE

from serving.fair import Counts, FairServer
from serving.lean import import_lightgbm

log = logging.getLogger("loanwatch.workers")
_anew = vars(supervisor)["get_subprocess"]
_COUNTS = Counts()
_GOING: Final = 0.5
"""Seconds that a thread which was joined may still be seen."""


class OwnSocket:
    """Stands for a socket on the way to a worker process.

    In a new interpreter it becomes one that listens beside the others; forks have `common`, one for all.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port

    @cached_property
    def common(self) -> socket.socket:
        """The socket that forks share."""
        return listening(self.host, self.port)

    def __reduce__(self) -> tuple[Any, ...]:
        return listening, (self.host, self.port)


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to an address that other sockets of ours are bound to as well."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((host, port))
    return made


def run(config: Config) -> None:
    """Serve until stopped, in this process or in as many as the configuration says. SystemExit where it cannot."""
    if config.workers == 1:
        server = Server(config)
        try:
            server.run()
        except KeyboardInterrupt:
            return
        if not server.started:
            sys.exit(STARTUP_FAILURE)
        return
    bound: socket.socket | OwnSocket = config.bind_socket()
    if sys.platform == "linux" and isinstance(bound, socket.socket):
        host, port = bound.getsockname()[:2]
        bound.close()  # it told whether the address is free
        bound = OwnSocket(host, port)
        vars(supervisor)["get_subprocess"] = made
    Workers(config, sockets=[cast(socket.socket, bound)]).run()


class Workers(supervisor.Multiprocess):
    """The worker processes; once they are told to stop, nobody waits at their door any more."""

    def terminate_all(self) -> None:
        """Tell every worker to stop."""
        for one in self.sockets:
            if "common" in vars(one):
                vars(one)["common"].close()
        super().terminate_all()


def beside(work: Callable[..., object], *given: object) -> None:
    """Do what opens files and begins threads, in a copy of this process where there can be. Raises what it raises."""
    _import_all()
    if not _alone():
        work(*given)
        return
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        pool.submit(work, *given).result()


def made(config: Config, target: Callable[..., None], sockets: list[Any]) -> BaseProcess:
    """A worker, not started yet: in place of uvicorn's, which is a new interpreter."""
    if not _alone():
        log.warning("a worker is started anew: this process has other threads, so it is not copied")
        return _anew(config, target, sockets)
    return multiprocessing.get_context("fork").Process(
        target=_work, args=(config, target, [one.common for one in sockets], _COUNTS.place())
    )


def _alone() -> bool:
    """Whether this process may be copied: on Linux, with one thread. One that just ended is given time to go."""
    if sys.platform != "linux":
        return False
    until = time.monotonic() + _GOING
    while len(os.listdir("/proc/self/task")) > 1:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _import_all() -> None:
    """Import what workers need, and let them share it: what the garbage collector does not look at is not copied."""
    import_lightgbm()
    import serving.app
    import serving.worker  # noqa: F401

    gc.collect()
    gc.freeze()


def _work(config: Config, target: Callable[..., None], sockets: list[socket.socket], place: int) -> None:
    """Serve in a fork: the signals of the process that watches over it are none of its own."""
    for one in supervisor.SIGNALS:
        signal.signal(one, signal.default_int_handler if one == signal.SIGINT else signal.SIG_DFL)
    config.configure_logging()
    with suppress(KeyboardInterrupt), open(os.devnull) as nothing:
        sys.stdin = nothing
        vars(cast(Any, target).__self__)["_server"] = FairServer(config, _COUNTS, place)
        target(sockets=sockets)
