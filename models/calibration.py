"""From log-odds of the booster to a probability: a fitted calibration as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KINDS = ("platt", "isotonic")
FLAT = 0.01  # log-odds per unit of raw beyond the outermost knots: keeps the order of the raw scores


@dataclass(frozen=True)
class Calibration:
    """A monotone map from raw log-odds to PD.

    `platt`: log-odds = intercept + slope x raw (Platt 1999). `isotonic`: straight lines in log-odds between
    the centres (`knots`) of the pooled blocks, which breaks ties within a block by the raw score (centred
    isotonic regression, Oron & Flournoy 2017). `shift` is added to the log-odds last: the move to a central
    tendency.
    """

    kind: Literal["platt", "isotonic"] = "platt"
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    shift: float = 0.0

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise ValueError("calibration: " + "; ".join(faults))

    def log_odds(self, raw: Floats) -> Floats:
        """Calibrated log-odds of raw log-odds, same shape."""
        raw = np.ascontiguousarray(raw, np.float64)
        if self.kind == "platt":
            return self.intercept + self.slope * raw + self.shift
        low, high = self.knots[0], self.knots[-1]
        beyond = raw - np.clip(raw, low, high)
        return np.interp(raw, self.knots, self.values) + FLAT * beyond + self.shift

    def apply(self, raw: Floats) -> Floats:
        """PD of raw log-odds, same shape, in (0, 1)."""
        return sigmoid(self.log_odds(raw))

    def shifted(self, shift: float) -> Calibration:
        """This calibration with another intercept shift (log-odds)."""
        return replace(self, shift=shift)

    def data(self) -> dict[str, Any]:
        """As plain data for `bundle.json`."""
        if self.kind == "platt":
            return {"kind": self.kind, "slope": self.slope, "intercept": self.intercept, "shift": self.shift}
        return {
            "kind": self.kind,
            "knots": list(self.knots),
            "values": list(self.values),
            "shift": self.shift,
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Calibration:
        """From the plain data of `data()`; ValueError names every fault."""
        fields = dict(data)
        for name in ("knots", "values"):
            fields[name] = tuple(fields.get(name, ()))
        return cls(**fields)


def sigmoid(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)


def _faults(calibration: Calibration) -> list[str]:
    if calibration.kind not in KINDS:
        return [f"kind is {calibration.kind!r}, must be one of {', '.join(KINDS)}"]
    if calibration.kind == "platt":
        turned = f"slope is {calibration.slope}, must be above 0 (or the order of the scores turns)"
        return [] if calibration.slope > 0 else [turned]
    faults = []
    if len(calibration.knots) != len(calibration.values) or not calibration.knots:
        faults.append(f"{len(calibration.knots)} knots and {len(calibration.values)} values, must be as many, not none")
    for name, numbers in (("knots", calibration.knots), ("values", calibration.values)):
        if np.any(np.diff(numbers) <= 0):
            faults.append(f"{name} must rise strictly")
    return faults
