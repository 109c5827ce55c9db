"""Scores of a book in a few lines: by tier and by status, how many loans, how much money, what mean PD."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from typing import Literal

import numpy as np

from serving.scores import Codes, Floats, Scores

Kind = Literal["tier", "status"]
HEADER = ("by", "name", "loans", "exposure", "mean_pd")


@dataclass(frozen=True)
class Line:
    """One tier or status.

    `exposure` is principal outstanding in minor units, without the loans where it is unknown; `mean_pd` is
    over the loans that have a PD, None where there is none.
    """

    by: Kind
    name: str
    loans: int
    exposure: int
    mean_pd: float | None

    @property
    def money(self) -> Decimal:
        """Exposure in major units."""
        return Decimal(self.exposure).scaleb(-2)


@dataclass(frozen=True)
class Summary:
    """What was scored. `assumed` is the mean share of rows whose time of posting was not given."""

    loans: int
    assumed: float
    lines: tuple[Line, ...]

    def by(self, kind: Kind) -> tuple[Line, ...]:
        """The lines of one kind, in their own order."""
        return tuple(line for line in self.lines if line.by == kind)

    def csv(self) -> str:
        """As the text of `summary.csv`."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for line in self.lines:
            mean = "" if line.mean_pd is None else f"{line.mean_pd:.6f}"
            writer.writerow((line.by, line.name, line.loans, line.money, mean))
        return text.getvalue()


@dataclass
class Totals:
    """Running sums of one tier or status."""

    loans: int = 0
    exposure: int = 0
    pds: int = 0
    pd: float = 0.0

    def line(self, by: Kind, name: str) -> Line:
        """The sums as a line."""
        return Line(by, name, self.loans, self.exposure, self.pd / self.pds if self.pds else None)


class Tally:
    """Adds up chunks of scores into a summary."""

    def __init__(self, tiers: Sequence[str], statuses: Sequence[str]) -> None:
        self._tiers = {name: Totals() for name in tiers}
        self._statuses = {name: Totals() for name in statuses}
        self._loans = 0
        self._assumed = 0.0

    def add(self, scores: Scores) -> None:
        """Count a chunk in."""
        self._loans += len(scores)
        self._assumed += float(scores.assumed.sum())
        _add(self._tiers, scores.tier, scores.pd, scores.principal_outstanding)
        _add(self._statuses, scores.status, scores.pd, scores.principal_outstanding)

    def summary(self) -> Summary:
        """What was counted so far."""
        lines = [totals.line("tier", name) for name, totals in self._tiers.items()]
        lines += [totals.line("status", name) for name, totals in self._statuses.items()]
        return Summary(self._loans, self._assumed / max(self._loans, 1), tuple(lines))


def _add(totals: dict[str, Totals], codes: Codes, pd: Floats, outstanding: Floats) -> None:
    for code, one in enumerate(totals.values()):
        here = codes == code
        one.loans += int(here.sum())
        one.exposure += int(np.nansum(outstanding[here]))
        one.pds += int(np.isfinite(pd[here]).sum())
        one.pd += float(np.nansum(pd[here]))
