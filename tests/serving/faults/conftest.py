"""Real servers in processes of their own, that can be killed, and what a client does who was not answered."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

SERVERS = Path(__file__).parent / "servers.py"
START = 300.0  # kernels may have to be compiled first


@dataclass
class Server:
    """A running server."""

    pid: int
    port: int
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=300)

    def ready(self) -> Server:
        """This server, once it can answer."""
        until = time.monotonic() + START
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                if self.client.get("/readyz").status_code == 200:
                    return self
            time.sleep(0.02)
        raise AssertionError(f"no answer on port {self.port} within {START:.0f} s")

    def post(self, path: str, body: object, key: str = "") -> httpx.Response:
        """Send a body, with an idempotency key where one is given."""
        return self.client.post(path, json=body, headers={"idempotency-key": key} if key else {})

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """End the process at once."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.client.close()
        self.ended()

    def ended(self) -> None:
        """Wait until the process is no more."""
        until = time.monotonic() + START
        while self.alive:
            assert time.monotonic() < until, f"process {self.pid} goes on"
            time.sleep(0.005)


@pytest.fixture(scope="session")
def nursery(root: Path) -> Iterator[subprocess.Popen[str]]:
    """The process whose children are servers."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, str(SERVERS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=root
    ) as process:
        yield process
        process.kill()


Start = Callable[..., Server]


@pytest.fixture
def start(nursery: subprocess.Popen[str], models_dir: Path, store_root: Path) -> Iterator[Start]:
    """Start a server on a journal; `point` is where it kills itself."""
    started: list[Server] = []

    def begin(
        journal: str, point: str = "", models: Path | None = None, late: int = 0, patience: float = 10.0, **more: str
    ) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {"LOANWATCH_JOURNAL": journal, "LOANWATCH_MODELS": str(models or models_dir),
                       "LOANWATCH_STORE": str(store_root), "LOANWATCH_PACK": "standard"}  # fmt: skip
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        order = {"port": port, "point": point, "late": late, "patience": patience, "environment": environment | more}
        print(json.dumps(order), file=nursery.stdin)
        nursery.stdin.flush()
        server = Server(int(nursery.stdout.readline()), port)
        started.append(server)
        return server.ready()

    yield begin
    for server in started:
        server.kill()


@pytest.fixture
def payment() -> Callable[..., dict[str, Any]]:
    """An event: a payment of a loan on the day after the night."""

    def make(loan: str, number: str = "P-new") -> dict[str, Any]:
        row = {"payment_id": number, "loan_id": loan, "paid_on": "2023-07-01", "amount": "10.00", "status": "posted"}
        return {"tables": {"payments": [row]}}

    return make


@pytest.fixture(scope="session")
def running(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests of borrowers whose loans were all paid out when the night was."""
    return [body for body in bodies if all(loan["disbursed_on"] < "2023-06-01" for loan in body["tables"]["loans"])]
