"""How fast is the desk on a book of 100,000 loans? The queue over a made-up night, asked over HTTP.

    python -m benchmarks.desk --loans 100000 --write docs/performance.md

Every loan has a score, every second one an alert that nobody has closed. Times are of whole answers over a socket on
the same machine; "first" is the first answer of a fresh server that has not read the night yet.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import uvicorn

from benchmarks.page import replace_section
from policy.parts.rules import OWNERS
from serving.access.roles import Actor, Role
from serving.access.sessions import COOKIE
from serving.app import create_app
from serving.journal import Journal
from serving.journal.entries import Alert
from serving.journal.segments import Segments
from serving.wiring import Wiring

PARTS = 8
TIERS = ("T1", "T2", "T3", "T4", "T5")
ASKED = ("", "?page=1000", "?tier=T4&severity=R", "?owner=risk&page=7")


def made_night(folder: Path, journal: Journal, n: int) -> None:
    """A sealed night of `n` loans of `n` borrowers with alerts, as `nightly` leaves it."""
    draw = np.random.default_rng(1)
    draft = Segments(folder, journal).begin(
        "made", as_of=20_000, cutoff=1, bundle_id="b", pack="standard", pack_hash="p"
    )
    for part, rows in enumerate(np.array_split(np.arange(n), PARTS)):
        pd = draw.beta(0.6, 12, len(rows))
        words = {name: pa.array([word] * len(rows)) for name, word in (("five_class", "normal"), ("action", "CALL"))}
        draft.write(f"{part:05d}", pa.table({
            "loan_id": [f"L{row:09d}" for row in rows], "borrower_id": [f"{row * 7919:032x}" for row in rows],
            "pd": pd, "exposure": draw.lognormal(15, 1, len(rows)).astype(np.int64),
            "dpd": draw.poisson(2, len(rows)).astype(np.int32), "status": ["scored"] * len(rows),
            "tier": [TIERS[k] for k in np.searchsorted([0.007, 0.03, 0.12, 0.5], pd)],
            "grade": ["G5"] * len(rows), "state_next": ["{}"] * len(rows), **words,
        }))  # fmt: skip
    draft.seal("bench")
    for some in np.array_split(np.arange(0, n, 2), max(n // 5_000, 1)):
        journal.write(*(_alert(int(row)) for row in some)).result()


def _alert(row: int) -> Alert:
    return Alert(
        alert_id=f"A{row:024x}", rule="R02", version="1", severity="BYOR"[row // 2 % 4], family="arrears", level="loan",
        subject=f"L{row:09d}", loan_id=f"L{row:09d}", borrower_id=f"{row * 7919:032x}", fired_on=20_000,
        owner=OWNERS[row // 2 % len(OWNERS)], action="CALL", request_id="", actor="bench", evidence={"evidence": {}},
    )  # fmt: skip


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A server over the folder: its address, and the cookie of an officer."""
    wiring = Wiring(folder / "models", journal=f"sqlite:///{folder / 'journal.db'}", segments=folder / "segments")
    backing = wiring.backing()
    app = create_app(wiring.service(memory=backing.memory), backing=backing)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        time.sleep(0.005)
    cookie = backing.door.sessions.begin(Actor("bench", frozenset({Role.OFFICER}), "session"))
    try:
        yield f"http://127.0.0.1:{port}", {COOKIE: cookie}
    finally:
        server.should_exit = True
        running.join()


def measured(folder: Path) -> tuple[float, dict[str, float]]:
    """Milliseconds of the first answer, and the median of 30 by what is asked."""
    with served(folder) as (address, cookies), httpx.Client(base_url=address, cookies=cookies) as client:
        first = _ms(client, "/desk/queue")
        return first, {q: statistics.median(_ms(client, "/desk/queue" + q) for _ in range(30)) for q in ASKED}


def _ms(client: httpx.Client, path: str) -> float:
    start = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - start
    assert answer.status_code == 200
    assert "<table" in answer.text
    return 1000 * took


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the section of a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loans", type=int, default=100_000)
    parser.add_argument("--write", type=Path, help="page whose section `desk` is replaced")
    asked = parser.parse_args(arguments)
    os.environ["LOANWATCH_DEMO"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Journal.open(f"sqlite:///{folder / 'journal.db'}", "bench") as journal:
            made_night(folder / "segments", journal, asked.loans)
        first, medians = measured(folder)
    rows = [("first answer of a fresh server", first), *(((f"`/desk/queue{q}`"), ms) for q, ms in medians.items())]
    table = "\n".join(["| asked | ms |", "|--|--:|", *(f"| {name} | {ms:,.0f} |" for name, ms in rows)])
    print(table)
    if asked.write:
        said = f"`python -m benchmarks.desk`: {asked.loans:,} loans, {asked.loans // 2:,} alerts not closed."
        replace_section(asked.write, "Desk", f"## Desk\n\n{said}\n\n{table}\n")


if __name__ == "__main__":
    main()
