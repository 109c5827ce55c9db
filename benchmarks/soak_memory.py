"""Memory of a server over time: what is the processes' own, what they map from files, and whether it is flat."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.load import below

BEFORE = 0.5  # share of the run that does not count: caches fill, threads begin
GROWTH = 0.02  # of the own memory of all processes, at most, over what counts, by the line through its samples
MOST_MB = 450.0  # own memory of one worker
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """The straight line through what counts: MB at its begin and its end, MB an hour and the standard error of that."""

    begin: float
    end: float
    slope: float
    error: float


@dataclass
class Memory:
    """Megabytes over time (seconds): own memory of each process, largest first, and of all what is mapped from files.

    Own is anonymous memory, also where forks still share it; files are libraries and data that the system can drop.
    """

    at: list[float] = field(default_factory=list)
    own: list[list[float]] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    proportional: list[float] = field(default_factory=list)
    reloads: list[float] = field(default_factory=list)

    def look(self, pid: int, began: float) -> None:
        """Take one sample of a process and all below it; nothing where the system does not tell."""
        found = [one for one in map(sizes, [pid, *below(pid)]) if one]
        if found:
            self.at.append(time.monotonic() - began)
            self.own.append(sorted((one["Anonymous"] for one in found), reverse=True))
            self.files.append(max(one["Rss"] - one["Anonymous"] for one in found))
            self.proportional.append(sum(one["Pss"] for one in found))

    @property
    def total(self) -> Floats:
        """Own memory of all processes (n,)."""
        return np.array([sum(sample) for sample in self.own])

    @property
    def largest(self) -> float:
        """The most that one process ever had of its own."""
        return max((sample[0] for sample in self.own), default=0.0)

    def line(self) -> Line:
        """The line through the later part of the run, by least squares."""
        return fitted(self.at, self.total)

    def faults(self) -> list[str]:
        """What is wrong with it."""
        if not self.at:
            return []
        line, found = self.line(), []
        if line.end - line.begin > GROWTH * line.begin:
            found.append(f"memory grew from {line.begin:.0f} to {line.end:.0f} MB over the later half; allowed: "
                         f"{GROWTH:.0%}")  # fmt: skip
        if self.largest > MOST_MB:
            found.append(f"a process had {self.largest:.0f} MB of its own; allowed: {MOST_MB:.0f}")
        return found


def fitted(at: Sequence[float], total: Floats) -> Line:
    """The line through the samples (n,) at times `at` (n,) that count; at least three of them, else it is level."""
    times = np.asarray(at, np.float64)
    late = times >= BEFORE * times[-1]
    x, y = times[late], total[late]
    if len(x) < 3 or x[-1] == x[0]:
        level = float(y.mean())
        return Line(level, level, 0.0, 0.0)
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    level = float(y.mean() - slope * x.mean())
    rest = y - level - slope * x
    error = float(np.sqrt(rest @ rest / (len(x) - 2) / (centred @ centred)))
    return Line(level + slope * float(x[0]), level + slope * float(x[-1]), slope * 3600, error * 3600)


def sizes(pid: int) -> dict[str, float]:
    """Megabytes of a process by what `smaps_rollup` calls them; none where it is gone or the system does not tell."""
    try:
        lines = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]]
    except OSError:
        return {}
    return {line[0].rstrip(":"): int(line[1]) / 1024 for line in lines if len(line) == 3}
