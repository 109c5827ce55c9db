"""`loanwatch features` on a whole book: seconds, and the memory of all its processes together."""

from __future__ import annotations

import json
import os
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
    child = subprocess.Popen(
        [*command, "--out", str(out), "--demo"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    seconds, work, peak = watched(child)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}\n{child.stderr.read() if child.stderr else ''}")
    manifest = json.loads((out / "_manifest.json").read_text())
    rmtree(out)
    tables = manifest["rows_by_table"]
    read = sum(tables.values())
    columns = len(manifest["columns"])
    return Run(tables["loans"], manifest["rows"], read, seconds, work, peak, columns, len(tables))


def watched(child: subprocess.Popen[str]) -> tuple[float, float, float]:
    """Seconds until a process ends, CPU seconds and the peak MiB of it and all below it, looked at now and then.

    Pages they share count once. Workers are not children of the process that they work for once it has ended: what
    they have used is read while they live.
    """
    begun, peak, used = time.perf_counter(), 0.0, dict[int, float]()
    while child.poll() is None:
        family = below(child.pid)
        peak = max(peak, sum(map(share, family)))
        for one in family:
            used[one] = max(used.get(one, 0.0), cpu(one))
        time.sleep(PAUSE)
    return time.perf_counter() - begun, sum(used.values()), peak


def below(root: int) -> list[int]:
    """A process and all below it, as far as the system tells."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(place.name))
    found = [root]
    for one in found:
        found += children.get(one, [])
    return found


def cpu(process: int) -> float:
    """CPU seconds of one process so far; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(process: int) -> float:
    """The proportional set size of one process in MiB."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
