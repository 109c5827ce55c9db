"""A long run of mixed load at half of what the service can do: no error, flat memory, a whole journal at the end.

    loanwatch demo                                  # a champion, if there is none yet
    python -m benchmarks.soak --minutes 30

A book is simulated and judged by a night, then `loanwatch serve` answers scores, batches, events, alerts, contacts,
loans, the queue and pages of the desk from several connections. What it can do is measured first; then half of that is
sent. Now and then the champion is loaded anew. Exit code 1 where anything failed, or where memory is not flat.
"""

from __future__ import annotations

import argparse
import itertools
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.contenders import NO_LIMIT, Contender, Running, running
from benchmarks.page import replace_section
from benchmarks.soak_load import NAMES, Count, Traffic, send, signed_in
from benchmarks.soak_memory import GROWTH, MOST_MB, Line, Memory
from benchmarks.soak_picture import picture

TITLE = "A long run of mixed load"
AS_OF = date(2024, 6, 30)
EVERY, START, FIRST = 2.0, 600.0, 4.0
SHOWN = 10
PICTURE = Path("images") / "soak.svg"


@dataclass(frozen=True)
class Place:
    """The folders of one run."""

    folder: Path
    models: Path

    @property
    def journal(self) -> str:
        """The URL of its journal."""
        return f"sqlite:///{self.folder / 'journal.db'}"

    def server(self, workers: int) -> Contender:
        """`loanwatch serve` over the night, for anybody."""
        python = [sys.executable, "-c", "from loanwatch.main import main; main()"]
        where = ["--journal", self.journal, "--store", str(self.folder / "store"),
                 "--segments", str(self.folder / "segments"), "--models", str(self.models)]  # fmt: skip
        serve = [*python, "serve", "--demo", "--workers", str(workers), *where, "--port"]
        secret = {"LOANWATCH_SESSION_SECRET": secrets.token_hex(32)}
        return Contender("soak", lambda port: [*serve, str(port)], "", (), "/readyz", NO_LIMIT | secret)


def prepare(place: Place, loans: int) -> list[str]:
    """A book, and a night over it; its loans."""
    from book.load import open_book
    from book.sources.simulate import Plan, simulate
    from serving.journal import Journal
    from serving.nightly import Order, night
    from serving.nights import Nights

    book = simulate(Plan(loans=loans, months=48, seed=11, part_loans=max(loans // 4, 100)), place.folder / "book")
    day = (AS_OF - date(1970, 1, 1)).days
    segments = place.folder / "segments"
    with Journal.open(place.journal, "nightly") as journal:
        night(Order(open_book(book), day, place.models, place.folder / "night", segments, place.folder / "store",
                    refresh=False), journal)  # fmt: skip
        found = Nights(segments, journal).latest()
        return [str(row["loan_id"]) for row in found.ranked()] if found else []


def paced(rate: float, until: float) -> Callable[[], float | None]:
    """When each request is due: `rate` a second until a moment; without a rate at once."""
    begin, turn, lock = time.monotonic(), itertools.count(), threading.Lock()

    def due() -> float | None:
        with lock:
            at = begin + next(turn) / rate if rate else time.monotonic()
            return at if at < until else None

    return due


def load(port: int, traffic: Traffic, rate: float, seconds: float, connections: int) -> Count:
    """Send mixed requests for so long; what came back."""
    count, due = Count(), paced(rate, time.monotonic() + seconds)
    with ThreadPoolExecutor(connections) as pool:
        for one in [pool.submit(send, port, traffic, count, due) for _ in range(connections)]:
            one.result()
    return count


@contextmanager
def beside(place: Place, server: Running, memory: Memory, reload_every: float) -> Iterator[None]:
    """Look at memory, and have the champion loaded anew now and then, while the block runs."""
    stop, began = threading.Event(), time.monotonic()
    bundle = place.models / "bundles" / (place.models / "champion").read_text().strip() / "bundle.json"

    def watch() -> None:
        reloaded = began
        while not stop.wait(EVERY):
            memory.look(server.pid, began)
            if time.monotonic() - reloaded >= reload_every:
                reloaded = time.monotonic()
                memory.reloads.append(reloaded - began)
                os.utime(bundle)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join()


def checked(place: Place, counts: Sequence[Count]) -> list[str]:
    """What is not in the journal as it was answered, or broken there."""
    from sqlalchemy import func, select

    from serving.journal import Event, Journal, Score
    from serving.journal.schema import TYPED
    from serving.journal.segments import Segments
    from serving.journal.verify import verify

    faults = []
    with Journal.open(place.journal, "verify", create=False) as journal:
        with journal.connection() as connection:
            for kind, said in ((Score, sum(one.scores for one in counts)), (Event, sum(one.events for one in counts))):
                kept = connection.execute(select(func.count()).select_from(TYPED[kind.KIND])).scalar()
                if kept != said:
                    faults.append(f"{kind.TABLE}: {said:,} were answered, {kept:,} are kept")
        verdict = verify(journal, None, Segments(place.folder / "segments", journal).check)
    return faults + [str(fault) for fault in verdict.faults]


@dataclass(frozen=True)
class Long:
    """A run: seconds until the server was ready, requests a second sent, what came back, memory, what failed."""

    ready: float
    rate: float
    count: Count
    memory: Memory
    faults: list[str]


def run(place: Place, options: argparse.Namespace) -> Long:
    """The whole run."""
    traffic = Traffic(prepare(place, options.loans), str(AS_OF + timedelta(days=1)))
    memory, server_of, connections = Memory(), place.server(options.workers), options.connections
    with running(server_of, START) as server:  # compiles what was never compiled; the one after it is measured
        traffic.cookie = signed_in(server.port)
        before = [load(server.port, traffic, 0.0, FIRST, connections)]
    with running(server_of, START) as server:
        traffic.cookie = signed_in(server.port)
        before.append(load(server.port, traffic, 0.0, options.measure / 2, connections))
        before.append(load(server.port, traffic, 0.0, options.measure, connections))
        rate = len(before[-1].seconds) / options.measure / 2
        print(f"it can do {2 * rate:.1f} requests a second; half of it for {options.minutes:g} minutes", flush=True)
        with beside(place, server, memory, options.reload):
            count = load(server.port, traffic, rate, options.minutes * 60, connections)
    counts = [*before, count]
    faults = [error for one in counts for error in one.errors] + checked(place, counts) + memory.faults()
    return Long(server.after, rate, count, memory, faults)


PAGE = """## {title}

Measured on {today} by `python -m benchmarks.soak --minutes {minutes:g}`: {cores} cores, {workers} workers,
{connections} connections, journal in SQLite, a night over {loans:,} loans before; client and server on the same cores,
load average at the end {busy:.1f}. The workers were ready after {ready:.1f} s.

They could do {most:.1f} mixed requests a second; {rate:.1f} a second were sent for {minutes:g} minutes: {asked:,}
requests, the champion loaded anew {reloads} times. Errors, scores or events lost or doubled, broken chains: {wrong}.
All requests: p50 {p50:.0f} ms, p99 {p99:.0f} ms.

{kinds}

Memory of all processes' own: {begin:.0f} MB at half time, {end:.0f} MB at the end by the line through the samples
between, {slope:+.1f} MB an hour (standard error {error:.1f}); allowed are {growth:.0%}. The largest process had at
most {largest:.0f} MB of its own (allowed: {limit:.0f}) and maps up to {files:.0f} MB of files, which processes share
and the system can drop. With what is shared counted once all have {shared:.0f} MB.
"""


def section(told: Long, options: argparse.Namespace) -> str:
    """The section of the page."""
    memory, count = told.memory, told.count
    line = memory.line() if memory.at else Line(0.0, 0.0, 0.0, 0.0)
    p50, p99 = quantiles(count.seconds)
    return PAGE.format(
        title=TITLE, today=f"{datetime.now(UTC):%Y-%m-%d}", minutes=options.minutes, cores=os.cpu_count(),
        workers=options.workers, connections=options.connections, loans=options.loans, busy=os.getloadavg()[0],
        ready=told.ready, most=2 * told.rate, rate=told.rate, reloads=len(memory.reloads), p50=p50, p99=p99,
        wrong=len(told.faults) - len(memory.faults()), asked=len(count.seconds), kinds=by_kind(count),
        begin=line.begin, end=line.end, slope=line.slope, error=line.error, growth=GROWTH, limit=MOST_MB,
        largest=memory.largest, files=max(memory.files, default=0.0), shared=max(memory.proportional, default=0.0),
    )  # fmt: skip


def quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p99 in milliseconds; 0 where there is none."""
    p50, p99 = (float(np.quantile(seconds, share)) * 1e3 if len(seconds) else 0.0 for share in (0.5, 0.99))
    return p50, p99


def by_kind(count: Count) -> str:
    """How long requests of each kind took, as a table."""
    rows = ["| request | answered | p50 ms | p99 ms |", "| -- | --: | --: | --: |"]
    for kind, n in count.asked.most_common():
        p50, p99 = quantiles(count.by_kind[kind])
        rows.append(f"| {NAMES[kind]} | {n:,} | {p50:.0f} | {p99:.0f} |")
    return "\n".join(rows)


def main() -> None:
    """Run, tell, and fail where anything did."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=Path, default=Path("demo/models"), help="models folder with a champion")
    options.add_argument("--minutes", type=float, default=30.0, help="length of the run")
    options.add_argument("--loans", type=int, default=2_000, help="loans of the simulated book")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--connections", type=int, default=8)
    options.add_argument("--measure", type=float, default=20.0, help="seconds in which is found what it can do")
    options.add_argument("--reload", type=float, default=60.0, help="seconds after which the champion is loaded anew")
    options.add_argument("--write", type=Path, help="page whose section is replaced")
    chosen = options.parse_args()
    os.environ.setdefault("LOANWATCH_DEMO", "1")
    with tempfile.TemporaryDirectory() as folder:
        told = run(Place(Path(folder), chosen.models), chosen)
    text = section(told, chosen)
    print(text)
    for fault in told.faults[:SHOWN]:
        print(f"FAILED  {fault}", file=sys.stderr)
    if chosen.write and not told.faults:
        written(chosen.write, text, told.memory)
    sys.exit(bool(told.faults))


def written(page: Path, text: str, memory: Memory) -> None:
    """Put the section on its page, and the picture of memory beside it."""
    if memory.at:
        (page.parent / PICTURE).parent.mkdir(parents=True, exist_ok=True)
        (page.parent / PICTURE).write_text(picture(memory), encoding="utf-8")
        text += f"\n![Memory over time]({PICTURE})\n"
    replace_section(page, TITLE, text)


if __name__ == "__main__":
    main()
