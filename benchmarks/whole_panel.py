"""`loanwatch features` on a whole book: seconds, and the memory of all its processes together."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from benchmarks.plain_book import month_end_days

PAUSE = 0.2


@dataclass(frozen=True)
class Run:
    """One panel: loans, observations (`rows`), rows of all `tables` `read`, seconds, CPU seconds (`work`),
    peak MiB, columns.
    """

    loans: int
    rows: int
    read: int
    seconds: float
    work: float
    peak: float
    columns: int
    tables: int


def panel_run(book: Path) -> Run:
    """The panel of the last 18 month ends of a book."""
    import numpy as np

    out = book.with_name(f"panel-of-{book.name}")
    rmtree(out, ignore_errors=True)
    rmtree(out.with_name(out.name + ".part"), ignore_errors=True)
    first, last = (str(np.datetime64(month_end_days()[k].as_of, "D"))[:7] for k in (0, -1))
    command = [sys.executable, "-m", "loanwatch", "features", str(book), "--from", first, "--to", last]
    begun, used = time.perf_counter(), cpu()
    child = subprocess.Popen(
        [*command, "--out", str(out), "--demo"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, memory(child.pid))
        time.sleep(PAUSE)
    seconds, work = time.perf_counter() - begun, cpu() - used
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}\n{child.stderr.read() if child.stderr else ''}")
    manifest = json.loads((out / "_manifest.json").read_text())
    rmtree(out)
    tables = manifest["rows_by_table"]
    read = sum(tables.values())
    columns = len(manifest["columns"])
    return Run(tables["loans"], manifest["rows"], read, seconds, work, peak, columns, len(tables))


def cpu() -> float:
    """CPU seconds of all processes that have ended below this one."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def memory(root: int) -> float:
    """MiB that a process and all below it hold, pages they share counted once; 0 where the system does not tell."""
    below: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        below.setdefault(parent, []).append(int(place.name))
    total, waiting = 0.0, [root]
    while waiting:
        one = waiting.pop()
        total += share(one)
        waiting += below.get(one, [])
    return total


def share(process: int) -> float:
    """The proportional set size of one process in MiB."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
