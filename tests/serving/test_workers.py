"""Workers on one port share the connections."""

from __future__ import annotations

import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from uvicorn import Config

from book.errors import Refusal
from serving.workers import OwnSocket, beside, made

ROOT = Path(__file__).parents[2]
PATHS = {"PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_reaches_a_worker_is_a_socket_of_its_own_on_the_same_port(host: str) -> None:
    try:
        with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
            port = free.getsockname()[1]
    except OSError:
        pytest.skip(f"this machine has no {host}")
    sent = pickle.dumps(OwnSocket(host, port))
    workers = [pickle.loads(sent) for _ in range(2)]  # noqa: S301  # made here
    clients = []
    try:
        for worker in workers:
            worker.listen(64)
        clients = [socket.create_connection((host, port), timeout=5) for _ in range(64)]
        taken = [len(waiting(worker)) for worker in workers]
    finally:
        for one in (*workers, *clients):
            one.close()
    assert sum(taken) == 64
    assert min(taken) > 8


def waiting(worker: socket.socket) -> list[socket.socket]:
    """The connections that a worker can take."""
    found = []
    while select.select([worker], [], [], 0.05)[0]:
        found.append(worker.accept()[0])
        found[-1].close()
    return found


SERVE = """
import os, sys
from serving.lean import one_thread
one_thread()
from uvicorn import Config
from serving.workers import beside, run

async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": f"{os.getpid()} {os.getppid()} {MADE}".encode()})

def looked_at():
    assert os.getppid() == MADE

if __name__ == "__main__":
    MADE = os.getpid()
    beside(looked_at)
    run(Config(app, port=int(sys.argv[1]), workers=2, lifespan="off", log_level="warning", timeout_graceful_shutdown=5))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker is a new interpreter")
def test_workers_share_what_was_imported_are_replaced_when_they_die_and_stop_together(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = subprocess.Popen([sys.executable, str(script), str(port)], cwd=ROOT, env=os.environ | PATHS)
    try:
        first = workers_of(port, set())
        assert {told[1:] for told in first} == {(started.pid, started.pid)}  # children of the one that imported
        killed = min(first)[0]
        os.kill(killed, signal.SIGKILL)
        assert {told[1:] for told in workers_of(port, {killed})} == {(started.pid, started.pid)}
        started.terminate()
        assert started.wait(30) == 0
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=5)
    finally:
        started.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker is a new interpreter")
def test_a_process_with_another_thread_is_not_copied() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        made_ = made(Config("no:app"), print, [OwnSocket("127.0.0.1", 1)])
    finally:
        done.set()
        other.join()
    assert isinstance(made_, SpawnProcess)


def refuse() -> None:
    raise Refusal("no key")


def test_what_is_looked_at_beside_refuses_here() -> None:
    with pytest.raises(Refusal, match="no key"):
        beside(refuse)


def workers_of(port: int, gone: set[int]) -> set[tuple[int, ...]]:
    """What two workers that are not `gone` answer: process, its parent, who set the program up."""
    until, seen = time.monotonic() + 60, set[tuple[int, ...]]()
    while len(seen) < 2:
        assert time.monotonic() < until, seen
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                told = tuple(map(int, answer.read().split()))
                seen |= {told} if told[0] not in gone else set()
        except OSError:
            time.sleep(0.1)
    return seen
