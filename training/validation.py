"""A validation as plain data: the verdicts and every figure of the report; kept as `validation.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.case import Case
from training.gates.verdict import Status, standing

FILE = "validation.json"


@dataclass(frozen=True)
class Validation:
    """What a model was judged by (`case`), and the outcome as plain data (`data`)."""

    case: Case
    data: Mapping[str, Any]

    @property
    def status(self) -> Status:
        """`pass`, `insufficient` or `fail`: only the first may be promoted without an approver."""
        return standing(self.data["gates"])
