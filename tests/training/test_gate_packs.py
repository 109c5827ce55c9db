"""Gates are dated data: read whole, or refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.gates.measures import MEASURES
from training.gates.pack import GatesRefused, load_gates, named_gates

GOOD = """id = "mine"
version = "1"
valid_from = 2026-01-01
owner = "Model risk"
source = "our handbook, 4.2"
min_events = 50

[[gate]]
id = "level"
measure = "oe"
low = 0.9
high = 1.1
name = { en = "Level", zh = "水平" }
why = { en = "Because.", zh = "因为。" }
"""


def refused(folder: Path, text: str) -> str:
    path = folder / "gates.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(GatesRefused) as raised:
        load_gates(path)
    return str(raised.value)


def test_the_gates_of_the_product_name_measures_that_exist() -> None:
    pack = load_gates()
    assert {gate.measure for gate in pack.gates} <= set(MEASURES)
    assert {"oe", "ece", "slope", "psi", "jeffreys", "monotone_violations"} <= {gate.measure for gate in pack.gates}
    assert pack.valid_from.year == 2026
    assert len(pack.hash) == 64


def test_a_lender_may_bring_gates_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(GOOD, "utf-8")
    (gate,) = named_gates(str(path)).gates
    assert (gate.low, gate.high, gate.min_events) == (0.9, 1.1, 50)
    assert gate.band(0.05) == (0.9, 1.1)


def test_an_edge_may_follow_the_event_rate() -> None:
    error = next(gate for gate in load_gates().gates if gate.measure == "ece")
    assert error.band(0.05) == (None, pytest.approx(0.01))
    assert error.band(0.5) == (None, 0.02)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('measure = "oe"', 'measure = "o/e"', "line 10: measure: is 'o/e', must be one of"),
        ("high = 1.1", "high = 0.5", "line 12: high: 0.5 must lie above low, 0.9"),
        ("low = 0.9\nhigh = 1.1\n", "", "line 8: a gate needs low, high or both"),
        ("high = 1.1", "hihg = 1.1", "line 12: hihg: is not known here; nearest high"),
        ('owner = "Model risk"\n', "", "owner: is missing, must be a text"),
        ('zh = "水平"', 'zh2 = "水平"', "line 13: name: no text for zh"),
        ("min_events = 50", 'min_events = "many"', "line 6: min_events: is 'many', must be a whole number"),
        ("low = 0.9", "low = ", "line 11: not TOML"),
    ],
)
def test_a_fault_is_refused_with_its_line(tmp_path: Path, was: str, now: str, said: str) -> None:
    assert was in GOOD
    assert said in refused(tmp_path, GOOD.replace(was, now))


def test_two_gates_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = GOOD + GOOD[GOOD.index("[[gate]]") :]
    assert "line 16: id: 'level' is used by an earlier gate" in refused(tmp_path, twice)


def test_gates_that_are_not_there_are_refused_with_those_that_are() -> None:
    with pytest.raises(GatesRefused, match="no such file; gates here: standard"):
        load_gates("strict")
