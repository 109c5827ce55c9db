"""The long run's judgement of memory, on memory that is made up."""

from __future__ import annotations

import os
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.soak_memory import GROWTH, MOST_MB, Memory, fitted, sizes
from benchmarks.soak_picture import picture


def made(own: Callable[[float], float]) -> Memory:
    """30 minutes of a process and a worker of `own` megabytes at each second."""
    memory = Memory()
    for at in np.arange(2.0, 1800.0, 2.0).tolist():
        memory.at.append(at)
        memory.own.append([own(at), 140.0])
        memory.files.append(180.0)
        memory.proportional.append(own(at) + 200.0)
    memory.reloads = [60.0, 120.0]
    return memory


def wave(at: float) -> float:
    """What reloading once a minute adds and takes away."""
    return 20.0 * (at % 60.0 < 6.0)


def test_what_fills_in_the_first_half_and_comes_and_goes_is_flat() -> None:
    memory = made(lambda at: 200.0 + min(at, 800.0) / 20.0 + wave(at))
    assert memory.faults() == []
    assert abs(memory.line().slope) < memory.line().error * 3


def test_what_goes_on_growing_is_not() -> None:
    memory = made(lambda at: 200.0 + at / 60.0 + wave(at))
    line = memory.line()
    assert line.slope == pytest.approx(60.0, abs=3 * line.error)
    assert line.end - line.begin > GROWTH * line.begin
    assert ["grew" in fault for fault in memory.faults()] == [True]


def test_a_process_that_is_too_large_is_told() -> None:
    assert [f"allowed: {MOST_MB:.0f}" in fault for fault in made(lambda _: MOST_MB + 1).faults()] == [True]


def test_too_few_samples_are_level() -> None:
    assert fitted([1.0, 2.0], np.array([5.0, 7.0])).slope == 0.0
    assert Memory().faults() == []


def test_what_the_system_tells_of_this_process() -> None:
    found = sizes(os.getpid())
    assert not found or found["Rss"] > found["Anonymous"] > 0
    assert sizes(2**22 + 1) == {}


def test_the_picture_has_a_line_for_each_process_and_one_for_files() -> None:
    drawn = ElementTree.fromstring(picture(made(wave)))
    assert len(drawn.findall("{http://www.w3.org/2000/svg}polyline")) == 3
    words = [text.text for text in drawn.findall("{http://www.w3.org/2000/svg}text")]
    assert {"process 1", "process 2", "mapped from files", "30 min"} <= {*words, "30 min"}
