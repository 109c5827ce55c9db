"""A long run of mixed load at half of what the service can do: no error, flat memory, a whole journal at the end.

    loanwatch demo                                  # a champion, if there is none yet
    python -m benchmarks.soak --minutes 30

A book is simulated and judged by a night, then `loanwatch serve` answers scores, batches, events, alerts, contacts,
loans and the queue from several connections. What it can do is measured first; then half of that is sent. Now and then
the champion is loaded anew. Exit code 1 where anything failed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.contenders import NO_LIMIT, Contender, Running, running
from benchmarks.load import memory_by_process
from benchmarks.page import replace_section
from benchmarks.soak_load import Count, Traffic, send

TITLE = "A long run of mixed load"
AS_OF = date(2024, 6, 30)
WARM = 0.2  # share of the run after which memory must be flat
GROWTH = 1.05  # of the mean of the first third after that, at most, in the last
EVERY, START = 2.0, 600.0
SHOWN = 10


@dataclass
class Memory:
    """Resident megabytes of each worker over time."""

    at: list[float] = field(default_factory=list)
    workers: list[list[float]] = field(default_factory=list)

    def look(self, pid: int, workers: int, began: float) -> None:
        """Take one sample."""
        found = memory_by_process(pid)
        self.at.append(time.monotonic() - began)
        self.workers.append(sorted((size / 2**20 for size in found), reverse=True)[:workers])

    def flat(self) -> tuple[float, float, float]:
        """Megabytes at the begin and the end of what counts, and the slope in megabytes an hour, of all workers."""
        total = np.array([sum(sample) for sample in self.workers])
        at = np.array(self.at)
        late = at >= WARM * at[-1]
        at, total = at[late], total[late]
        third = max(len(total) // 3, 1)
        slope = float(np.polyfit(at, total, 1)[0]) * 3600 if len(at) > 1 else 0.0
        return float(total[:third].mean()), float(total[-third:].mean()), slope


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
        return Contender("soak", lambda port: [*serve, str(port)], "", (), "/readyz", NO_LIMIT)


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
def beside(place: Place, server: Running, workers: int, memory: Memory, reload_every: float) -> Iterator[None]:
    """Look at memory, and have the champion loaded anew now and then, while the block runs."""
    stop, began = threading.Event(), time.monotonic()
    bundle = place.models / "bundles" / (place.models / "champion").read_text().strip() / "bundle.json"

    def watch() -> None:
        reloaded = began
        while not stop.wait(EVERY):
            memory.look(server.pid, workers, began)
            if time.monotonic() - reloaded >= reload_every:
                reloaded = time.monotonic()
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


def run(place: Place, options: argparse.Namespace) -> tuple[str, list[str]]:
    """The whole run: the section of the page, and what failed."""
    traffic = Traffic(prepare(place, options.loans), str(AS_OF + timedelta(days=1)))
    memory, workers, connections = Memory(), options.workers, options.connections
    with running(place.server(workers), START) as server:
        warm = load(server.port, traffic, 0.0, options.measure / 2, connections)
        first = load(server.port, traffic, 0.0, options.measure, connections)
        rate = len(first.seconds) / options.measure / 2
        print(f"it can do {2 * rate:.1f} requests a second; half of it for {options.minutes:g} minutes", flush=True)
        with beside(place, server, workers, memory, options.reload):
            count = load(server.port, traffic, rate, options.minutes * 60, connections)
    begin, end, slope = memory.flat()
    faults = [*warm.errors, *first.errors, *count.errors, *checked(place, [warm, first, count])]
    if end > begin * GROWTH:
        faults.append(f"memory grew from {begin:.0f} to {end:.0f} MB; allowed: {GROWTH:.2f} times")
    done = int(options.minutes * 60 / options.reload)
    return section(count, rate, options, (begin, end, slope), done, len(faults)), faults


PAGE = """## {title}

Measured on {today} by `python -m benchmarks.soak --minutes {minutes:g}`: {cores} cores, {workers} workers,
{connections} connections, journal in SQLite, a night over {loans:,} loans before; client and server on the same cores,
load average at the end {busy:.1f}.

It could do {most:.1f} mixed requests a second; {rate:.1f} a second were sent for {minutes:g} minutes, the champion was
loaded anew {reloads} times. Answered: {kinds}; p50 {p50:.0f} ms, p99 {p99:.0f} ms. Errors, scores or events lost or
doubled, broken chains: {faults}. Memory of all workers: {begin:.0f} MB after the first fifth, {end:.0f} MB at the end,
{slope:+.1f} MB an hour.
"""


def section(
    count: Count, rate: float, options: argparse.Namespace, memory: tuple[float, float, float], reloads: int, n: int
) -> str:
    """The section of the page; `n` things failed."""
    p50, p99 = (float(np.quantile(count.seconds, share)) * 1e3 if count.seconds else 0.0 for share in (0.5, 0.99))
    begin, end, slope = memory
    return PAGE.format(
        title=TITLE, today=f"{datetime.now(UTC):%Y-%m-%d}", minutes=options.minutes, cores=os.cpu_count(),
        workers=options.workers, connections=options.connections, loans=options.loans, busy=os.getloadavg()[0],
        most=2 * rate, rate=rate, reloads=reloads, p50=p50, p99=p99, faults=n, begin=begin, end=end, slope=slope,
        kinds=", ".join(f"{n:,} {kind}" for kind, n in count.asked.most_common()),
    )  # fmt: skip


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
        text, faults = run(Place(Path(folder), chosen.models), chosen)
    print(text)
    for fault in faults[:SHOWN]:
        print(f"FAILED  {fault}", file=sys.stderr)
    if chosen.write and not faults:
        replace_section(chosen.write, TITLE, text)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
