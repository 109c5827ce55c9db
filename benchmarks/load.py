"""A load tool: several connections that each send one request after the other."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

WARM_SECONDS = 2.0


@dataclass(frozen=True)
class Figures:
    """p50 and p99 of the answers in milliseconds, and how many came a second."""

    p50: float
    p99: float
    rate: float


def request(path: str, content: bytes = b"") -> bytes:
    """The bytes of one HTTP request that keeps its connection: GET, or POST of JSON."""
    if not content:
        return f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(content)}"
    return head.encode() + b"\r\n\r\n" + content


def measure(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Figures:
    """Send `requests` in turn over `connections` at once; the first seconds do not count. SystemExit on a refusal."""
    return _runner().run(_measure(port, requests, connections, seconds))


def _runner() -> asyncio.Runner:
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def _measure(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Figures:
    times: list[float] = []
    begin = time.perf_counter() + min(WARM_SECONDS, seconds)
    turns = [cycle([*requests[first:], *requests[:first]]) for first in range(connections)]
    senders = (_send(port, turn, begin, begin + seconds, times) for turn in turns)
    await asyncio.gather(*senders)
    ordered = sorted(times)
    return Figures(ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3, len(times) / seconds)


async def _send(port: int, turn: cycle[bytes], begin: float, until: float, times: list[float]) -> None:
    """One connection: the next request as soon as the last one was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (begun := time.perf_counter()) < until:
        writer.write(next(turn))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"got {head.splitlines()[0].decode()}: {answer[:400].decode()}")
        if begin <= begun and time.perf_counter() <= until:
            times.append(time.perf_counter() - begun)
    writer.close()


def memory_by_process(pid: int) -> list[int]:
    """Resident bytes of a process and all below it, largest first; nothing where the system does not tell."""
    found = []
    for one in [pid, *below(pid)]:
        try:
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        found.append(pages * os.sysconf("SC_PAGE_SIZE"))
    return sorted(found, reverse=True)


def below(pid: int) -> list[int]:
    """The processes that a process began, and those that they began; none where the system does not tell."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += [int(child), *below(int(child))]
    return found
