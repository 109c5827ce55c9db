"""Compiled loops do not outlive the sources they are made from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from book.kernel_cache import VARIABLE, choose, sources, stamp


def _tree(root: Path) -> Path:
    for room in ("book", "features", "models", "policy"):
        (root / room).mkdir(parents=True)
        (root / room / "plain.py").write_text("x = 1\n")
    (root / "features" / "loops.py").write_text("from features.compiled import compiled\n")
    return root


def test_the_stamp_follows_every_file_with_loops_and_no_other(tmp_path: Path) -> None:
    root = _tree(tmp_path / "a")
    before = stamp(sources(root), root)
    (root / "features" / "plain.py").write_text("x = 2\n")
    assert stamp(sources(root), root) == before
    (root / "features" / "loops.py").write_text("from features.compiled import compiled  # changed\n")
    assert stamp(sources(root), root) != before


def test_two_checkouts_of_one_content_have_one_stamp(tmp_path: Path) -> None:
    one, other = _tree(tmp_path / "a"), _tree(tmp_path / "b")
    assert stamp(sources(one), one) == stamp(sources(other), other)


def test_a_folder_that_was_given_holds_the_one_of_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _tree(tmp_path / "a")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "given"))
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    choose(root)
    chosen = Path(os.environ[VARIABLE])
    assert chosen.parent == tmp_path / "given"
    assert chosen.name == f"kernels-{stamp(sources(root), root)}"
    choose(root)  # a process begun by this one
    assert os.environ[VARIABLE] == str(chosen)


def test_without_a_folder_that_holds_the_sources_numba_keeps_to_its_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    choose(tmp_path / "packed.zip")
    assert VARIABLE not in os.environ


@pytest.mark.parametrize(
    "first", ["numba, features.compiled", "features.compiled, numba", "policy, numba", "models, numba"]
)
def test_numba_is_told_whoever_comes_first(first: str, root: Path, tmp_path: Path) -> None:
    asked = f"import {first}; print(numba.config.CACHE_DIR)"
    said = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=root,
        env={**os.environ, VARIABLE: str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(said.stdout.strip()).parent == tmp_path
