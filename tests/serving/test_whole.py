"""Results appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from book.errors import Refusal
from serving.whole import whole_folder

MARK = "manifest.json"


def write(out: Path, text: str) -> None:
    with whole_folder(out, MARK) as folder:
        (folder / "data").write_text(text)
        (folder / MARK).write_text("{}")


def fail_half_way(out: Path) -> None:
    with whole_folder(out, MARK) as folder:
        (folder / "data").write_text("half")
        raise OSError("disk full")


def test_a_folder_is_written_and_then_replaced_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write(out, "first")
    write(out, "second")
    assert (out / "data").read_text() == "second"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_failure_half_way_leaves_the_old_results_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, "first")
    with pytest.raises(OSError, match="disk full"):
        fail_half_way(out)
    assert (out / "data").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_other_files_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refusal, match="holds something else; allowed: a new or empty folder"):
        write(tmp_path, "x")
    assert (tmp_path / "thesis.txt").read_text() == "mine"
