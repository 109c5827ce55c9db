"""New connections go to the worker that has fewest: one socket for all, and counts that every worker sees.

The kernel knows connections, not how busy a worker is: of sixteen it gives one worker eleven as often as eight, and
those eleven wait twice as long as the other five.
"""

from __future__ import annotations

import asyncio
import logging
import mmap
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, Final

from uvicorn import Config, Server

log = logging.getLogger("loanwatch.workers")
LOOK, PATIENCE, REST = 0.001, 0.05, 1.0
"""Seconds: between two looks whether another worker took a connection; until one is taken anyway; after a failure."""
_PLACES: Final = 256
_OUT: Final = 1 << 60


class Counts:
    """Connections of each worker, in memory that processes forked from this one share."""

    def __init__(self) -> None:
        self._held = memoryview(mmap.mmap(-1, 16 * _PLACES)).cast("q")
        self._used = 0

    def place(self) -> int:
        """A place for a worker that is about to be forked."""
        self._used += 1
        return (self._used - 1) % _PLACES

    def say(self, place: int, count: int) -> None:
        """Tell how many connections this process has."""
        self._held[2 * place + 1] = count
        self._held[2 * place] = os.getpid()

    def leave(self, place: int) -> None:
        """Tell that this process takes no more."""
        self._held[2 * place] = 0

    def fewest(self) -> int:
        """The fewest connections that any living worker has."""
        pairs = zip(self._held[::2].tolist(), self._held[1::2].tolist(), strict=True)
        return min((count for pid, count in pairs if pid and _lives(pid)), default=_OUT)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class FairServer(Server):
    """A server in a worker that takes new connections from sockets that other workers listen on too."""

    def __init__(self, config: Config, counts: Counts, place: int) -> None:
        super().__init__(config)
        self._counts, self._place = counts, place
        self._takers: list[Taker] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then take connections."""
        await super().startup(sockets=[])
        if self.should_exit:
            return
        self.say()
        self._takers = [Taker(self, one) for one in sockets or []]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, then as every server."""
        self._counts.leave(self._place)
        for taker in self._takers:
            taker.close()
        await super().shutdown(sockets)

    def say(self) -> None:
        """Tell the other workers how many connections there are here."""
        self._counts.say(self._place, len(self.server_state.connections))

    @property
    def is_next(self) -> bool:
        """Whether no other worker has fewer connections."""
        return len(self.server_state.connections) <= self._counts.fewest()

    def protocol(self) -> asyncio.Protocol:
        """What speaks with a new connection; it is counted as long as it is open."""
        kind: Any = self.config.http_protocol_class
        made: asyncio.Protocol = _counted(kind, self.say)(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


@cache
def _counted(kind: Any, say: Callable[[], None]) -> Any:
    class Counted(kind):  # type: ignore[misc]
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            say()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            say()

    return Counted


class Taker:
    """Takes connections from one socket, while no other worker has fewer; where none of those comes, all the same."""

    def __init__(self, server: FairServer, listener: socket.socket) -> None:
        self._server, self._listener = server, listener
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[Any]] = set()
        self._left_since = 0.0
        self._later: asyncio.TimerHandle | None = None
        listener.listen(server.config.backlog)
        listener.setblocking(False)
        self._wait()

    def close(self) -> None:
        """Take no more."""
        if self._later is not None:
            self._later.cancel()
        self._loop.remove_reader(self._listener)

    def _wait(self) -> None:
        self._later = None
        self._loop.add_reader(self._listener, self._take)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._later = self._loop.call_later(seconds, self._wait)

    def _take(self) -> None:
        """A connection waits: take it, or leave it to who has fewer."""
        now = self._loop.time()
        if not self._server.is_next:
            self._left_since = self._left_since or now
            if now - self._left_since < PATIENCE:
                self._pause(LOOK)
                return
        self._left_since = 0.0
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:
            log.error("no connection can be taken for a second: %s", error)
            self._pause(REST)
            return
        connection.setblocking(False)
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._open(connection))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        with suppress(OSError):
            await self._loop.connect_accepted_socket(self._server.protocol, connection, ssl=self._server.config.ssl)
