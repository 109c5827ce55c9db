"""A points card: bins of a few features, whole points for each; the score is what a clerk can add up."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DOUBLING = 20  # points that double the odds of good to bad
ANCHOR = 600  # points at which the odds of good to bad are ANCHOR_ODDS to 1
ANCHOR_ODDS = 50
LOG_ODDS = math.log(2) / DOUBLING  # log-odds of default that one point is worth


@dataclass(frozen=True)
class Line:
    """One feature of the card: bin i holds edges[i - 1] <= value < edges[i] and gives points[i].

    `missing` are the points where the feature was not observed, `mean` those of the training population.
    """

    feature: str
    edges: tuple[float, ...]
    points: tuple[int, ...]
    missing: int
    mean: float

    def __post_init__(self) -> None:
        if len(self.points) != len(self.edges) + 1 or np.any(np.diff(self.edges) <= 0):
            raise ValueError(
                f"scorecard: {self.feature} has {len(self.points)} points for {len(self.edges)} edges; "
                "allowed: rising edges and one more of points"
            )

    def points_of(self, values: NDArray[np.floating]) -> NDArray[np.int64]:
        """Points of each value, NaN = not observed, same shape."""
        wide = np.asarray(values, np.float64)
        points = np.array(self.points, np.int64)[
            np.searchsorted(self.edges, wide, side="right").clip(max=len(self.edges))
        ]
        return np.where(np.isnan(wide), self.missing, points)


@dataclass(frozen=True)
class Scorecard:
    """`base` points and those of every line; more points are a better loan.

    Log-odds of default = -(ln ANCHOR_ODDS + (points - ANCHOR) x ln 2 / DOUBLING). `features` are all columns of the
    matrices it reads, in their order; those without a line count nothing.
    """

    features: tuple[str, ...]
    base: int
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        unknown = [line.feature for line in self.lines if line.feature not in self.features]
        if unknown:
            raise ValueError(f"scorecard: lines for {', '.join(unknown)}, which the features do not have")

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """The position of each line's feature."""
        return tuple(self.features.index(line.feature) for line in self.lines)

    def points(self, x: NDArray[np.floating]) -> NDArray[np.int64]:
        """Points of each row of x (n, k), shape (n,): exact whole numbers."""
        total = np.full(len(x), self.base, np.int64)
        for line, column in zip(self.lines, self.columns, strict=True):
            total += line.points_of(x[:, column])
        return total

    def raw(self, x: NDArray[np.floating]) -> Floats:
        """Log-odds of default of each row, shape (n,)."""
        return _log_odds(self.points(x).astype(float))

    @property
    def expected(self) -> float:
        """Log-odds of default at the mean points of training: the base of all contributions."""
        return float(_log_odds(np.array(self.base + sum(line.mean for line in self.lines))))

    def contributions(self, x: NDArray[np.floating]) -> Floats:
        """What each feature adds to the log-odds against the training mean, (n, k + 1); the last column is the base.

        Exact: a line's points less their mean, in log-odds. That is also the Shapley value of an additive score.
        """
        found = np.zeros((len(x), len(self.features) + 1))
        for line, column in zip(self.lines, self.columns, strict=True):
            found[:, column] = (line.mean - line.points_of(x[:, column])) * LOG_ODDS
        found[:, -1] = self.expected
        return found

    def thresholds(self) -> dict[int, Floats]:
        """The values each column is cut at, ascending, by column that has a line."""
        return {column: np.array(line.edges, float) for line, column in zip(self.lines, self.columns, strict=True)}

    def text(self) -> str:
        """As JSON, one line a feature."""
        head = {"features": list(self.features), "base": self.base, "doubling": DOUBLING, "anchor": ANCHOR}
        lines = ",\n".join(json.dumps(asdict(line), allow_nan=False) for line in self.lines)
        return json.dumps(head)[:-1] + ', "lines": [\n' + lines + "\n]}\n"

    @classmethod
    def read(cls, text: str) -> Scorecard:
        """From the JSON of `text`; ValueError or KeyError where it is not as written."""
        data: Mapping[str, Any] = json.loads(text)
        if (data["doubling"], data["anchor"]) != (DOUBLING, ANCHOR):
            raise ValueError(
                f"scorecard: {data['doubling']} points double the odds, {data['anchor']} is the anchor; "
                f"this version reads {DOUBLING} and {ANCHOR}"
            )
        return cls(tuple(data["features"]), int(data["base"]), tuple(_line(one) for one in data["lines"]))


def _line(data: Mapping[str, Any]) -> Line:
    return Line(data["feature"], tuple(data["edges"]), tuple(data["points"]), int(data["missing"]), float(data["mean"]))


def _log_odds(points: Floats) -> Floats:
    return -(math.log(ANCHOR_ODDS) + (points - ANCHOR) * LOG_ODDS)
