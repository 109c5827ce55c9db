"""How fast does the API answer? Our server beside peers that serve the same booster, one after the other.

    loanwatch train BOOK --out out/models        # any champion will do
    python -m benchmarks.api --models out/models --peers --write docs/performance.md

One request of ours is one loan, raw: 24 instalments, 24 payments and 600 account movements, each time of another of
64 borrowers; the answer is its score with exact reasons, the decision, and a durable entry in the journal. Peers get
ready-made features of one loan and answer with its log-odds and exact contributions. Client and server share the
machine, so the ratio to a route of ours that does nothing is the main figure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.borrower import body
from benchmarks.contenders import Contender, NotReady, ours, running
from benchmarks.load import Figures, measure, memory_by_process, request
from benchmarks.page import replace_section
from benchmarks.peer_models import KINDS, Served, served_by_peers, size_of
from benchmarks.peer_servers import OURS, Given, peer_servers

__all__ = ["body", "main"]
CONNECTIONS = (1, 16)


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    name: str
    workers: int
    connections: int
    figures: Figures
    noop: float
    megabytes: int
    ready: float
    served: Served | None


def lines(contender: Contender, workers: int, seconds: float, served: Served | None = None) -> Iterator[Line]:
    """Measure one server; `/healthz` of ours is the route that does nothing. Raises NotReady."""
    with running(contender) as server:
        for connections in CONNECTIONS:
            noop = measure(server.port, [request(contender.ready)], connections, seconds).rate
            figures = measure(server.port, contender.requests, connections, seconds)
            most = memory_by_process(server.pid)[:workers]
            megabytes = max(most, default=0) >> 20
            yield Line(contender.name, workers, connections, figures, noop, megabytes, server.after, served)


def measured(options: argparse.Namespace, folder: Path) -> Iterator[Line]:
    """Our server with each number of workers, then the peers; one that cannot be had is named with its reason."""
    for workers in options.workers:
        journal = options.journal or f"sqlite:///{folder}/journal-{workers}.db"
        yield from lines(ours(options.models, workers, journal), workers, options.seconds)
    if not options.peers:
        return
    workers = max(options.workers)
    for served in served_by_peers(options.models, options.peer_models, folder):
        for name, make in peer_servers(Given(served, workers, folder / served.kind, options.peer_python)):
            try:
                yield from lines(make(), workers, options.seconds, served)
            except NotReady as reason:
                print(f"skipped: {name}: {reason}", file=sys.stderr)


def table(found: Sequence[Line]) -> str:
    """The lines as Markdown."""
    head = ("server", "workers", "connections", "p50 ms", "p99 ms", "a second", "of its no-op route", "MB", "ready s")
    rows = ["| " + " | ".join(head) + " |", "|" + " -- |" * len(head)]
    for line in found:
        f = line.figures
        cells = (line.name, line.workers, line.connections, f"{f.p50:.1f}", f"{f.p99:.1f}", f"{f.rate:,.0f}",
                 f"{f.rate / line.noop:.3f}", line.megabytes, f"{line.ready:.1f}")  # fmt: skip
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def main() -> None:
    """Measure and print, or write the section of a page."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=Path, default=Path("out/models"), help="models folder with a champion")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options.add_argument("--seconds", type=float, default=5.0, help="length of each measurement")
    options.add_argument("--journal", default="", help="URL of the journal, or none; default: SQLite in a new folder")
    options.add_argument("--peers", action="store_true", help="measure peers too")
    options.add_argument("--peer-models", nargs="+", choices=KINDS, default=list(KINDS), help="models that peers serve")
    options.add_argument("--peer-python", default="", help="interpreter with bentoml, mlserver and lightgbm")
    options.add_argument("--write", type=Path, help="page whose section is replaced")
    chosen = options.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for line in measured(chosen, Path(folder)):
            found.append(line)
            print(table([line]).splitlines()[-1], flush=True)
    text = section(found, champion(chosen.models))
    print(text)
    if chosen.write:
        replace_section(chosen.write, TITLE, text)


TITLE = "One loan over HTTP"


def section(found: Sequence[Line], model: str) -> str:
    """The section of the page; `model` says what is served."""
    load = os.getloadavg()[0]
    busy = "" if load < 4 else ", so other work ran beside it and every time is longer than on a quiet machine"
    return f"""## {TITLE}

Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m benchmarks.api --peers`: {os.cpu_count()} cores,
{platform.machine()}, Python {platform.python_version()}; load average at the end {load:.1f}{busy}.
Client and servers share the cores; ratios within this run are the figures to defend. {model}.

Ours: {len(body()) / 1e3:.0f} KB of raw tables of one loan in (24 instalments, 24 payments, 600 account movements),
score, exact reasons, class, rules and treatment out, each answer in the journal before it is sent.

{table([line for line in found if line.served is None])}
{"".join(peers_section(found, served) for served in dict.fromkeys(line.served for line in found) if served)}"""


def peers_section(found: Sequence[Line], served: Served) -> str:
    """The peers that serve one model."""
    mine = [line for line in found if line.served == served]
    return f"""
Peers, {served.words}: ready-made features of one loan in, log-odds and exact contributions out, nothing kept.

{table(mine)}

{ready_made(mine)}"""


def ready_made(found: Sequence[Line]) -> str:
    """How our model compares with the peers where all get ready-made features."""
    rates = {line.name: line.figures.rate for line in found if line.connections == max(CONNECTIONS)}
    peers = {name: rate for name, rate in rates.items() if name not in OURS.values()}
    said = [
        f"{own} answers {'; '.join(f'{rates[own] / rate:.1f} x {name}' for name, rate in peers.items())}"
        for own in OURS.values()
        if own in rates and peers
    ]
    return f"At {max(CONNECTIONS)} connections {'. '.join(said)}.\n" if said else ""


def champion(models: Path) -> str:
    """The champion in words."""
    home = models / "bundles" / (models / "champion").read_text(encoding="utf-8").strip()
    features = len(json.loads((home / "bundle.json").read_bytes())["features"])
    return f"The model: {size_of((home / 'model.txt').read_text(encoding='utf-8'))} over {features} features"


if __name__ == "__main__":
    main()
