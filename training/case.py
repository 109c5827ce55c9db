"""What a model is judged by: its probabilities out of time, beside what came, its rivals and the canaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.bootstrap import REPLICATES, Interval
from training.data import Rows

MOST = 60_000  # rows whose features are looked at

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]


@dataclass(frozen=True)
class Groups:
    """One attribute of the borrowers: a code for each row (n,), -1 where not known, and the names of the codes."""

    code: Codes
    names: tuple[str, ...]


@dataclass(frozen=True)
class Rival:
    """The champion on the same rows: its id and its PDs (n,), or why there are none."""

    id: str = ""
    pd: Floats | None = None
    why_not: str = "there is no champion yet"


@dataclass(frozen=True)
class Canaries:
    """Planted checks for leaks: AUC on shuffled outcomes, and values that changed when the future was removed.

    `changed` counts them by feature among `measured` loans and days; None where there was no book to measure again.
    """

    permuted: Interval | None = None
    changed: Mapping[str, int] | None = None
    measured: int = 0


@dataclass(frozen=True)
class Sample:
    """Some rows with their features: positions `at` (m,) among the rows they come from, `x` (m, k) in memory."""

    at: NDArray[np.intp]
    x: NDArray[np.float32]

    @classmethod
    def of(cls, x: NDArray[np.float32], index: NDArray[np.intp], most: int = MOST, seed: int = 1) -> Sample:
        """At most `most` of the rows `index` of x, drawn at random, in their order; `at` are positions in `index`."""
        drawn = (
            np.random.default_rng(seed).permutation(len(index))[:most] if len(index) > most else np.arange(len(index))
        )
        at = np.sort(drawn)
        return cls(at, np.asarray(x[index[at]]))


@dataclass(frozen=True)
class Case:
    """A model before the gates.

    `rows` are those of the out-of-time slice with an outcome (n,), without their features; `pd`, `grade` and `tier`
    (n,) are theirs, `sample` some of them with features (columns `names`). `then` are rows of training, `then_pd` and
    `then_borrower` theirs, `then_sample` some with features. `overall` holds the figures with their intervals,
    `baselines` PDs (n,) of simpler models, `groups` attributes for fairness, by name.
    """

    rows: Rows
    names: tuple[str, ...]
    sample: Sample
    then_sample: Sample
    pd: Floats
    grade: Codes
    grades: tuple[str, ...]
    tier: Codes
    tiers: tuple[str, ...]
    then_pd: Floats
    then_borrower: Codes
    horizon: int
    certificate: Mapping[str, Any]
    overall: Mapping[str, Interval]
    rival: Rival = field(default_factory=Rival)
    canaries: Canaries = field(default_factory=Canaries)
    baselines: Mapping[str, Floats] = field(default_factory=dict)
    groups: Mapping[str, Groups] = field(default_factory=dict)
    replicates: int = REPLICATES

    @property
    def y(self) -> Floats:
        """Outcomes (n,): 1 for an event."""
        return self.rows.y

    @property
    def events(self) -> int:
        """How many events the slice has."""
        return int(self.rows.y.sum())

    @property
    def rate(self) -> float:
        """The event rate of the slice."""
        return self.events / len(self.rows) if len(self.rows) else float("nan")
