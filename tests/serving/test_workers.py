"""Workers on one port share the connections."""

from __future__ import annotations

import pickle
import select
import socket

import pytest

from serving.workers import OwnSocket


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
