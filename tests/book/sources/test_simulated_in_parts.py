"""A simulated book appears whole or not at all; a run that was stopped is taken up where it stopped."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from book.sources.simulate import Plan, simulate

PLAN = Plan(loans=150, months=12, seed=5, part_loans=50)


class Stopped(Exception):
    """Stands for a kill."""


def _stopped_after(parts: int, plan: Plan, out: Path) -> Path:
    """The working folder of a run that was stopped when so many parts were done."""

    def stop(done: int, _: int) -> None:
        if done == parts:
            raise Stopped

    with pytest.raises(Stopped):
        simulate(plan, out, progress=stop)
    return out.with_name(out.name + ".part")


def _contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_stopped_run_leaves_no_book_and_is_taken_up_again(tmp_path: Path) -> None:
    out, whole = tmp_path / "book", simulate(PLAN, tmp_path / "whole")
    work = _stopped_after(2, PLAN, out)
    assert not out.exists()
    (work / "_part-00002").mkdir()
    (work / "_part-00002" / "loans.parquet").write_text("half")
    begun = {path: path.stat().st_mtime_ns for path in work.glob("part-*/loans.parquet")}
    assert len(begun) == 2
    simulate(PLAN, out)
    assert not work.exists()
    assert all((out / path.relative_to(work)).stat().st_mtime_ns == then for path, then in begun.items())
    assert _contents(out) == _contents(whole)


def test_parts_of_another_plan_are_not_taken_up(tmp_path: Path) -> None:
    out, other = tmp_path / "book", replace(PLAN, seed=6)
    _stopped_after(2, other, out)
    assert _contents(simulate(PLAN, out)) == _contents(simulate(PLAN, tmp_path / "whole"))


def test_two_processes_make_the_same_book(tmp_path: Path) -> None:
    two = simulate(PLAN, tmp_path / "two", workers=2)
    assert _contents(two) == _contents(simulate(PLAN, tmp_path / "one"))


def test_loans_can_be_paid_out_in_the_first_months_only(tmp_path: Path) -> None:
    book = simulate(replace(PLAN, lent_months=3), tmp_path / "book")
    paid_out = pl.read_parquet(book / "part-*" / "loans.parquet")["disbursed_on"]
    assert paid_out.dt.truncate("1mo").n_unique() == 3
    assert paid_out.dt.month().max() == 3
