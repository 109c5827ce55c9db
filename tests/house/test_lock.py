"""The locks name every file by hash, say nothing about where it was fetched, and cover the project."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ("requirements.lock", "locks/serve.lock", "locks/spark.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)( ; .+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def _pins(path: Path) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for line in path.read_text().splitlines():
        if match := PIN.match(line):
            pins.setdefault(match[1], set()).add(match[2])
    return pins


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!;~ ]", text, maxsplit=1)[0].lower() for text in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(name: str, root: Path) -> None:
    lines = (root / name).read_text().splitlines()
    assert [line for line in lines if not PIN.match(line) and not HASH.match(line)] == []


def test_the_lock_holds_all_that_the_targets_of_make_need(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = _names([*project["dependencies"], *extras["train"], *extras["postgres"], *extras["dev"]])
    assert wanted - set(_pins(root / "requirements.lock")) == set()
    assert _names([*project["dependencies"], *extras["spark"]]) - set(_pins(root / "locks/spark.lock")) == set()


def test_serving_needs_no_training_library(root: Path) -> None:
    assert {"mlflow", "shap", "optuna", "pandas", "scikit-learn"} & set(_pins(root / "locks/serve.lock")) == set()


@pytest.mark.parametrize("name", LOCKS[1:])
def test_the_smaller_locks_agree_with_the_large_one(name: str, root: Path) -> None:
    everything = _pins(root / "requirements.lock")
    apart = {pin: versions for pin, versions in _pins(root / name).items() if pin in everything}
    assert {pin: versions for pin, versions in apart.items() if versions != everything[pin]} == {}
