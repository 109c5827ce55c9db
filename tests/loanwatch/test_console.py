"""What every command shares at the terminal."""

from __future__ import annotations

import os

import pytest
import typer

from book.errors import Fault, Refusal, RequestRefused
from loanwatch import console


def test_a_date_becomes_days_since_1970() -> None:
    assert console.day("1970-01-01") == 0
    assert console.day("2024-02-29") == 19782


def test_a_month_becomes_months_since_1970() -> None:
    assert console.month("1970-01", "--from") == 0
    assert console.month("2024-06", "--from") == 653


@pytest.mark.parametrize("text", ["2024-13", "2024-00", "2024-6", "2024-06-30", "24-06", "-", "二〇二四"])
def test_a_month_that_does_not_exist_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="allowed is a month as YYYY-MM, such as 2024-06"):
        console.month(text, "--to")


@pytest.mark.parametrize("text", ["2023-02-29", "29.02.2024", "2024-6-1", "20240601", "2024-W22-6", ""])
def test_a_date_that_does_not_exist_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        console.day(text, "--from")
    assert str(caught.value) == (f"--from: got {text!r}, allowed is a date as YYYY-MM-DD, such as 2024-06-30")


def test_a_refusal_without_faults_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        console.fail(Refusal("simulate: the folder [book] is not empty"))
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert shown.out == ""
    assert shown.err.strip() == "refused: simulate: the folder [book] is not empty"


def test_a_refusal_with_faults_shows_each_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    faults = [
        Fault("date_order", "maturity before disbursement", "loans", 3, "maturity_on", "2020-01-01"),
        Fault("unknown_word", "no such word", "loans", 4, "repayment_type", "anuity", nearest="annuity"),
    ]
    with pytest.raises(SystemExit):
        console.fail(RequestRefused(faults))
    shown = " ".join(capsys.readouterr().err.split())
    assert "refused: 2 faults" in shown
    for word in ("date_order", "2020-01-01", "anuity", "annuity"):
        assert word in shown


def test_a_long_list_of_faults_says_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        console.fail(RequestRefused([Fault("late", f"row {row} is late", row=row) for row in range(1234)]))
    assert "1,234 faults, the first 50" in " ".join(capsys.readouterr().err.split())


def test_progress_ends_full_even_where_nothing_was_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("Checking") as step:
        step(1, 3)
    with console.progress("Resting"):
        pass
    shown = capsys.readouterr().err
    assert "Checking" in shown
    assert "3/3" in shown


def test_a_table_is_aligned_and_takes_brackets_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    console.table("Tiers", ["tier", "loans"], [["[T1]", 120], ["T2", 7]])
    lines = capsys.readouterr().out.splitlines()
    assert any("[T1]" in line and line.rstrip().endswith("120") for line in lines)
    assert any("T2" in line and line.rstrip().endswith("  7") for line in lines)


def test_the_demo_key_never_replaces_a_choice_already_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOANWATCH_DEMO", "0")
    console.demo_key()
    assert os.environ["LOANWATCH_DEMO"] == "0"
