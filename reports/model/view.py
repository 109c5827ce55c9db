"""What the validation report shows, as plain values; made by training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Picture:
    """A picture made elsewhere: its text key, the feature it is about ("" for all), its SVG by language, its loans."""

    key: str
    feature: str
    svg: Mapping[str, bytes]
    loans: int = 0


@dataclass(frozen=True)
class ModelView:
    """A model and its validation.

    `validation` is the plain data of `training.validation`, `report` that of the run, `bundle` facts of the bundle
    (id, target, horizon, kind, dates, versions, calibration); `parameters` what the run was told; `labels` the names of
    features by language, `units` their units; `owner` who answers for the model.
    """

    bundle: Mapping[str, Any]
    validation: Mapping[str, Any]
    report: Mapping[str, Any]
    parameters: Mapping[str, Any]
    labels: Mapping[str, Texts]
    owner: str
    units: Mapping[str, Texts] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = field(default_factory=tuple)

    @property
    def gates(self) -> tuple[Mapping[str, Any], ...]:
        """The verdicts, those that stand in the way first."""
        order = {"fail": 0, "insufficient": 1, "pass": 2, "not_applicable": 3}
        return tuple(sorted(self.validation["gates"], key=lambda one: order[str(one["status"])]))

    @property
    def status(self) -> str:
        """`fail`, `insufficient` or `pass`: the worst of the gates."""
        found = {one["status"] for one in self.gates}
        return next((one for one in ("fail", "insufficient") if one in found), "pass")
