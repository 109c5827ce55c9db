"""`loanwatch serve --workers 2`: what the workers are copied from has one thread, and a dead worker is replaced."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 180.0
SERVE = [sys.executable, "-c", "from loanwatch.main import main; main()", "serve", "--demo", "--workers", "2"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker is a new interpreter")
def test_the_process_that_is_copied_has_one_thread_and_a_dead_worker_is_replaced(
    models_dir: Path, tmp_path: Path, root: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = ["--models", str(models_dir), "--journal", f"sqlite:///{tmp_path / 'journal.db'}", "--port", str(port)]
    with (tmp_path / "said").open("wb") as said:
        server = subprocess.Popen([*SERVE, *where], cwd=root, stdout=said, stderr=said)
    try:
        until(lambda: ready(port))
        assert threads(server.pid) == 1
        first = workers(server.pid)
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        until(lambda: len(workers(server.pid) - {min(first)}) == 2)
        assert threads(server.pid) == 1
        until(lambda: all(ready(port) for _ in range(16)))
        assert "started anew" not in (tmp_path / "said").read_text()
        server.terminate()
        assert server.wait(60) == 0
    finally:
        server.kill()


def until(true: Callable[[], bool]) -> None:
    """Wait for something to be true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def ready(port: int) -> bool:
    """Whether a worker is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def threads(pid: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def workers(pid: int) -> set[int]:
    """The living children of a process that are copies of it."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return {child for child in children if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()}
