"""Servers that answer for the same model: ours from raw tables, peers from features that are ready."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.borrower import body
from benchmarks.load import request

BORROWERS = 64
NO_LIMIT = {"LOANWATCH_RATE": "1000000", "LOANWATCH_BURST": "1000000"}


@dataclass(frozen=True)
class Contender:
    """A server: the command that starts it on a port, what is asked of it, and what it answers with."""

    name: str
    command: Callable[[int], Sequence[str]]
    path: str
    contents: Sequence[bytes]
    ready: str
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def requests(self) -> list[bytes]:
        """What is sent, in turn."""
        return [request(self.path, content) for content in self.contents]


@dataclass(frozen=True)
class Running:
    """A server that answers: its process and port, and the seconds it took."""

    pid: int
    port: int
    after: float


class NotReady(Exception):
    """A server that did not get ready, and what it said last."""


def ours(models: Path, workers: int, journal: str) -> Contender:
    """`loanwatch serve`; every request is about another borrower, raw tables in, scores, reasons, decision out."""
    python = [sys.executable, "-c", "from loanwatch.main import main; main()"]
    serve = ["serve", "--demo", "--models", str(models), "--workers", str(workers), "--journal", journal, "--port"]
    contents = [body(number) for number in range(1, BORROWERS + 1)]
    return Contender(
        "loanwatch, raw tables", lambda port: [*python, *serve, str(port)], "/v1/scores", contents, "/readyz", NO_LIMIT
    )


@contextmanager
def running(contender: Contender, patience: float = 90.0) -> Iterator[Running]:
    """Start a server, wait until it is ready, stop it at the end. Raises NotReady."""
    port = free_port()
    told = (contender.folder or Path("/tmp")) / f"{port}.log"
    started = time.perf_counter()
    with told.open("wb") as log:
        process = subprocess.Popen(
            contender.command(port), stdout=log, stderr=log, env=os.environ | contender.environment,
            cwd=contender.folder, start_new_session=True,
        )  # fmt: skip
    try:
        while not answers(port, contender.ready):
            if process.poll() is not None or time.perf_counter() - started > patience:
                raise NotReady(" ".join(told.read_text(errors="replace").split())[-300:])
            time.sleep(0.05)
        yield Running(process.pid, port, time.perf_counter() - started)
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int, path: str) -> bool:
    """Whether a server answers a path with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
