"""`loanwatch portfolio`: nights and alerts of a journal become figures; what is not there is refused or said."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from book.errors import Refusal
from loanwatch.decided_rows import decided
from loanwatch.main import main
from monitoring.portfolio.decided import Decided
from serving.journal import Journal
from serving.journal.entries import CLOSED, OPEN, Alert, AlertStep, Task, TaskStep
from serving.journal.segments import Segments

FIRST, ON = date(2023, 1, 31), date(2023, 12, 31)
LIVES = {"loan_id": ["L0", "L9"], "exit": ["", "SOLD"], "exit_on": [None, date(2023, 12, 1)]}


def number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def moment(day: date, hour: int = 2) -> int:
    """UTC microseconds."""
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000


def rows(classes: dict[str, tuple[str | None, str | None, int]]) -> pa.Table:
    """Rows of a night: class, tier and balance in minor units by loan; a loan without a class is closed."""
    plain = [
        {
            "loan_id": loan,
            "borrower_id": f"B{loan}",
            "status": "scored" if five_class else "closed",
            "five_class": five_class,
            "tier": tier,
            "pd": 0.1,
            "dpd": 0,
            "exposure": exposure,
            "ead": exposure / 100,
        }
        for loan, (five_class, tier, exposure) in classes.items()
    ]
    return pa.Table.from_pylist(plain)


def alert(name: str, rule: str, on: date, **more: Any) -> Alert:
    told = {"folded": more.pop("folded", [])}
    plain = {"version": "1", "severity": "O", "family": "f", "level": "loan", "subject": "L0", "loan_id": "L0"}
    plain |= {"borrower_id": "BL0", "owner": "risk", "action": "CALL", "request_id": "r", "actor": "nightly"}
    return Alert(alert_id=name, rule=rule, fired_on=number(on), evidence=told, **(plain | more))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The URL of a journal with four nights, three alerts and a task, and the folder of its segments."""
    folder, now = tmp_path_factory.mktemp("kept"), [0]
    url = f"sqlite:///{folder / 'journal.db'}"
    with Journal.open(url, "nightly", clock=lambda: now[0]) as journal:
        segments = Segments(folder / "segments", journal)
        nights = {
            date(2022, 12, 31): rows({"L0": ("normal", "T1", 99_00)}),  # before the months asked for
            date(2023, 11, 10): rows({"L0": ("loss", "T5", 1_00)}),  # not the last of its month
            date(2023, 11, 30): rows({"L0": ("normal", "T1", 300_00), "L1": ("normal", None, 100_00)}),
            ON: rows(
                {
                    "L0": ("substandard", "D", 280_00),
                    "L1": ("normal", "T2", 100_00),
                    "L2": (None, None, 0),
                    "L9": ("loss", "D", 70_00),  # the book knows it was sold
                }
            ),
        }
        for day, table in nights.items():
            now[0] = moment(day)
            facts = {"bundle_id": "b", "pack": "p", "pack_hash": "h"}
            draft = segments.begin(f"nightly-{day}", as_of=number(day), cutoff=moment(day), **facts)
            draft.write("00000", table)
            draft.seal("nightly")
        told = [
            alert("A1", "R05", date(2023, 11, 30), folded=["R06", "R07"]),
            alert("A2", "R08", date(2023, 11, 30)),
            alert("A3", "R09", date(2024, 1, 31)),
            alert("A4", "P01", ON, level="book", loan_id="", borrower_id="", subject="book"),
        ]
        steps = [
            ("A1", 1, CLOSED, "data", date(2023, 12, 5)),
            ("A2", 1, CLOSED, "cured", date(2023, 12, 6)),
            ("A2", 2, OPEN, "", date(2023, 12, 7)),  # opened again
        ]
        journal.write(*told, Task(task_id="T", loan_id="L0", borrower_id="B", kind="review", due_on=number(ON),
                                  actor="a", request_id="r")).result()  # fmt: skip
        for name, step, status, outcome, day in steps:
            now[0] = moment(day, 17)  # in Shanghai the day after
            journal.write(AlertStep(alert_id=name, step=step, status=status, outcome=outcome, actor="a",
                                    request_id="r")).result()  # fmt: skip
        now[0] = moment(date(2023, 12, 20))
        journal.write(TaskStep(task_id="T", step=1, status=CLOSED, actor="a", request_id="r")).result()
    return url, folder / "segments"


def read(kept: tuple[str, Path], segments: Path | None = None) -> Decided:
    with Journal.open(kept[0], "portfolio", create=False) as journal:
        lives = pl.DataFrame(LIVES, schema_overrides={"exit_on": pl.Date})
        return decided(journal, segments or kept[1], FIRST, ON, lives, "Asia/Shanghai", 5)


def test_the_last_night_of_every_month_is_counted(kept: tuple[str, Path]) -> None:
    found = read(kept)
    assert found.shares["as_of"].to_list() == [date(2023, 11, 30), ON]
    assert found.shares["npl_share"].to_list() == pytest.approx([0.0, 280 / 380])
    assert found.now is not None
    assert found.before is not None
    assert found.opening is not None
    assert (found.now.on, found.before.on, found.opening.on) == (ON, date(2023, 11, 30), date(2023, 11, 30))


def test_loans_that_are_closed_or_that_the_book_knows_to_have_left_are_not_on_it(kept: tuple[str, Path]) -> None:
    now = read(kept).now
    assert now is not None
    assert now.rows["loan_id"].to_list() == ["L0", "L1"]
    assert now.rows["balance"].to_list() == [280.0, 100.0]


def test_alerts_come_with_what_was_folded_and_how_they_were_closed(kept: tuple[str, Path]) -> None:
    alerts = read(kept).alerts.sort("rule")
    columns = ("rule", "loan_id", "suppressed", "closed_on", "outcome")
    assert alerts.select(columns).rows() == [
        ("P01", "", False, None, ""),
        ("R05", "L0", False, date(2023, 12, 6), "data"),  # the evening of the 5th in UTC
        ("R06", "L0", True, date(2023, 12, 6), "data"),
        ("R07", "L0", True, date(2023, 12, 6), "data"),
        ("R08", "L0", False, None, ""),
    ]


def test_tasks_of_the_service_are_kept_with_the_day_they_were_done(kept: tuple[str, Path]) -> None:
    assert read(kept).tasks.rows() == [("review", "L0", ON, date(2023, 12, 20), ON)]


def test_a_night_whose_files_are_elsewhere_is_refused(kept: tuple[str, Path], tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="holds no night nightly-2023-11-30, which the journal knows"):
        read(kept, tmp_path)


def test_the_command_shows_nights_and_alerts(
    small_book: Path, kept: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["--to", "2023-12", "--months", "3", "--out", tmp_path / "pack", "--workers", "1", "--journal", kept[0]]
    more = ["--segments", kept[1], "--capacity", "1"]
    monkeypatch.setattr(sys, "argv", ["loanwatch", "portfolio", *map(str, [small_book, *asked, *more])])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    page = (tmp_path / "pack" / "index.html").read_text("utf-8")
    for name in ("class_shares", "class_migration", "tier_moves", "alerts", "queue", "kris"):
        assert f'href="{name}.csv"' in page
    assert pl.read_csv(tmp_path / "pack" / "alerts.csv").filter(rule="R05")["alerts"].to_list() == [1]
