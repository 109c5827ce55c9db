"""Facts of a few loans, written as a golden case gives them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.standing import STATUSES
from policy.facts import Facts

GOLDEN = Path(__file__).parent / "golden"
DAY = int(np.datetime64("2026-03-31", "D").astype(int))
PERFORMING: Mapping[str, float] = {
    "dpd_now": 0, "overdue_days": 0, "pd": 0.02, "retail": 1, "firm": 0, "principal_outstanding": 10_000,
    "observation": 0, "data_mismatch": 0,
}  # fmt: skip


def golden(name: str) -> list[dict[str, Any]]:
    return tomllib.loads((GOLDEN / f"{name}.toml").read_text("utf-8"))["case"]


def facts(*loans: Mapping[str, Any], as_of: int = DAY, whole: bool = True) -> Facts:
    """One observation per mapping: `borrower`, `status` and `product` are words, everything else facts."""
    words = ("borrower", "status", "product", "whole")
    names = dict.fromkeys(name for loan in loans for name in (*PERFORMING, *loan) if name not in words)
    values = {name: np.array([_value(loan, name) for loan in loans], float) for name in names}
    return Facts(
        loan_id=np.array([f"L{i}" for i in range(len(loans))], object),
        borrower_id=np.array([loan.get("borrower", f"B{i}") for i, loan in enumerate(loans)], object),
        as_of=np.full(len(loans), as_of, np.int32),
        status=np.array([STATUSES.index(loan.get("status", "scored")) for loan in loans], np.int8),
        values=values,
        whole_debtor=np.array([loan.get("whole", whole) for loan in loans]),
        words={"product": np.array([loan.get("product") for loan in loans], object)},
    )


def _value(loan: Mapping[str, Any], name: str) -> float:
    value = loan.get(name, PERFORMING.get(name, np.nan))
    if name == "pd" and loan.get("status", "scored") != "scored":
        return np.nan
    return float("nan") if value == "unknown" else float(value)
