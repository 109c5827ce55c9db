"""The comparison of reasons with a planted truth counts what it says it counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.causes import LIKE, NAMED, Told, causes_table, confounders_table
from book.sources.simulate.causes.shares import CAUSES, CONFOUNDERS
from models.ranking import NONE

FAMILIES = ("CASH", "DPD", "COLL")
NEVER = (-1, -1)


def found(lead: list[list[int]], y: list[float], dpd: list[float], pd: list[float], **spells: Any) -> Told:
    n = len(y)
    rows = SimpleNamespace(as_of=np.full(n, 1000), y=np.array(y), dpd=np.array(dpd))
    families = SimpleNamespace(codes=FAMILIES, of_column=np.arange(3))
    reasons = SimpleNamespace(lead=np.array(lead), families=families)
    spell = {kind: np.array(spells.get(kind, [NEVER] * n)) for kind in (*NAMED, *LIKE)}
    strongest = np.tile(np.array(["income", "dpd", "ltv"], object), (n, 1))
    return Told(rows, np.array(pd), reasons, spell, strongest)  # type: ignore[arg-type]


@pytest.fixture
def told() -> Told:
    """Two defaulters of an income loss, the first named second; one quiet loan; one confounder with a high PD."""
    return found(
        lead=[[1, 0, 2], [1, 2, 0], [0, NONE, NONE], [2, NONE, NONE]],
        y=[1, 1, 0, 0],
        dpd=[0, 12, 0, 0],
        pd=[0.3, 0.3, 0.02, 0.2],
        income_loss=[(900, 1100), (900, 1100), NEVER, NEVER],
        revaluation=[NEVER, NEVER, NEVER, (900, 1100)],
    )


def test_a_cause_is_named_by_one_of_the_two_strongest_families(told: Told) -> None:
    assert told.named(("CASH",)).tolist() == [True, False, True, False]
    assert told.named(("CASH",), top=3).tolist() == [True, True, True, False]
    assert told.named(("ltv",)).tolist() == [False, True, False, True]


def test_a_spell_counts_from_a_month_after_it_began(told: Told) -> None:
    late = found([[0, 1]], [1], [0], [0.1], income_loss=[(980, 1100)])
    assert told.active("income_loss").tolist() == [True, True, False, False]
    assert late.active("income_loss").tolist() == [False]


def test_causes_are_told_for_all_for_current_loans_and_by_chance(told: Told) -> None:
    lines = causes_table(told).splitlines()
    assert "| `income_loss` | CASH, AFF | 2 | 50 % | 50 % | 100 % | 100 % | 100 % |" in lines
    assert lines[-1] == "| all |  | 2 | 50 % | 50 % | 100 % |  | 100 % |"


def test_every_trouble_of_the_simulator_is_told_of() -> None:
    assert (set(NAMED), set(LIKE)) == (set(CAUSES), set(CONFOUNDERS))


def test_confounders_are_held_against_quiet_loans(told: Told) -> None:
    lines = confounders_table(told).splitlines()
    assert lines[2] == "| none |  | 1 | 2.00 % | 1.0 | 0.0 % |  |"
    assert lines[3] == "| `revaluation` | COLL | 1 | 20.00 % | 10.0 | 100.0 % | 100 % (0 %) |"
