"""Worker processes on one port, each with a socket of its own, so that the kernel spreads connections over them.

With one socket for all, the worker that wakes first takes every connection that waits, and the others idle. On Linux
workers are forks of a process that has imported everything and holds no thread, connection or model: they are ready as
soon as one would be, and share what was imported. Elsewhere each imports it anew.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from typing import Any, cast

import uvicorn.supervisors.multiprocess as supervisor
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE


class OwnSocket:
    """Stands for a socket on the way to a worker process: there it becomes one that listens beside the others."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port

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
        _warm()
        vars(supervisor)["get_subprocess"] = forked
    supervisor.Multiprocess(config, sockets=[cast(socket.socket, bound)]).run()


def _warm() -> None:
    """Import what workers need, and let them share it: what the garbage collector does not look at is not copied."""
    import serving.app
    import serving.worker  # noqa: F401

    gc.collect()
    gc.freeze()


def forked(config: Config, target: Callable[..., None], sockets: list[OwnSocket]) -> BaseProcess:
    """A worker, not started yet: in place of uvicorn's, which is a new interpreter."""
    return multiprocessing.get_context("fork").Process(target=_work, args=(config, target, sockets))


def _work(config: Config, target: Callable[..., None], sockets: list[OwnSocket]) -> None:
    """Serve in a fork: the signals of the process that watches over it are none of its own."""
    for one in supervisor.SIGNALS:
        signal.signal(one, signal.default_int_handler if one == signal.SIGINT else signal.SIG_DFL)
    config.configure_logging()
    with suppress(KeyboardInterrupt), open(os.devnull) as nothing:
        sys.stdin = nothing
        target(sockets=[listening(one.host, one.port) for one in sockets])
