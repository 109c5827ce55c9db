"""Worker processes on one port, each with a socket of its own, so that the kernel spreads connections over them.

With one socket for all, the worker that wakes first takes every connection that waits, and the others idle.
"""

from __future__ import annotations

import socket
import sys
from typing import Any, cast

from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess


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
    Multiprocess(config, sockets=[cast(socket.socket, bound)]).run()
