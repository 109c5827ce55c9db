"""New connections go to the worker that has fewest, and to another where that one does not come."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from uvicorn import Config

from serving.fair import Counts, FairServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are not forked")


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with nothing."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def port_of_our_own() -> Iterator[socket.socket]:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        yield made


def taken(others: int, connections: int) -> int:
    """How many connections a worker has a little after so many came, while another one says it has `others`."""

    async def work(listener: socket.socket) -> int:
        counts = Counts()
        server = FairServer(Config(app, lifespan="off"), counts, counts.place())
        counts.say(counts.place(), others)
        config = server.config
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup([listener])
        clients = [await asyncio.open_connection(*listener.getsockname()) for _ in range(connections)]
        await asyncio.sleep(0.02)
        found = len(server.server_state.connections)
        for _, writer in clients:
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        heads = await asyncio.wait_for(asyncio.gather(*(reader.readline() for reader, _ in clients)), 20)
        assert {head.split()[1] for head in heads} == {b"204"}
        for _, writer in clients:
            writer.close()
        server.should_exit = True
        await server.shutdown([listener])
        return found

    with port_of_our_own() as listener:
        return asyncio.run(work(listener))


def test_a_worker_takes_connections_while_no_other_has_fewer() -> None:
    assert taken(others=8, connections=8) == 8


def test_a_worker_leaves_connections_to_one_that_has_fewer_and_takes_those_that_nobody_took() -> None:
    assert taken(others=2, connections=8) == 3  # the others are answered too, a little later


def test_a_worker_that_died_does_not_count() -> None:
    counts = Counts()
    first, second = counts.place(), counts.place()
    counts.say(first, 5)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    counts._held[2 * second], counts._held[2 * second + 1] = gone.pid, 0
    assert counts.fewest() == 5
    counts.leave(first)
    assert counts.fewest() > 1 << 40
    assert os.getpid() not in counts._held.tolist()
