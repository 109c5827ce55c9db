"""`loanwatch monitor`: exit codes for schedulers, a real second bundle beside the champion, alerts into the journal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from monitored import MONTHS, models_folder

from book.load import open_book
from loanwatch import monitor_alerts
from loanwatch.main import main
from serving.journal import Journal, JournalDown

Run = Callable[..., tuple[int, Path]]


@pytest.fixture(scope="module")
def models(small_book: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    return models_folder(open_book(small_book), tmp_path_factory.mktemp("monitored"))


@pytest.fixture
def monitor(small_book: Path, models: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on the last two months; its exit code and the folder it wrote."""
    monkeypatch.delenv("LOANWATCH_JOURNAL", raising=False)

    def run(*more: str, folder: Path = models[0], months: tuple[str, str] = MONTHS) -> tuple[int, Path]:
        asked = ["--models", folder, "--from", months[0], "--to", months[1], "--out", tmp_path / "out", "--workers", 1]
        monkeypatch.setattr(sys, "argv", ["loanwatch", "monitor", *map(str, [small_book, *asked, *more])])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), tmp_path / "out"

    return run


def changed(models: tuple[Path, str, str], folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The models folder again, with other evidence of what the champion was judged on."""
    shutil.copytree(models[0], folder)
    path = folder / "evidence" / models[1] / "reference.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))
    return folder


def drifted(told: dict[str, Any]) -> None:
    told["counts"]["pd"] = [5000.0 if k == 9 else 1.0 for k, _ in enumerate(told["counts"]["pd"])]
    told["borrowers"] = 5000


def complete(told: dict[str, Any]) -> None:
    name = max(told["counts"], key=lambda one: told["counts"][one][-1] * (len(told["counts"][one]) > 3))
    told["counts"][name] = [told["counts"][name][-1], *told["counts"][name][1:-1], 0.0]


def verdict(out: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((out / "verdict.json").read_text("utf-8"))
    return told


def test_nothing_has_moved_exit_code_0(monitor: Run) -> None:
    code, out = monitor("--challenger", "none")
    assert (code, verdict(out)["verdict"], verdict(out)["alerts"]) == (0, "ok", [])
    assert verdict(out)["figures"]["score_psi"] < 0.1


def test_a_feature_that_was_always_observed_and_no_longer_is_exit_code_3(
    monitor: Run, models: tuple[Path, str, str], tmp_path: Path
) -> None:
    code, out = monitor("--challenger", "none", folder=changed(models, tmp_path / "models", complete))
    assert (code, verdict(out)["verdict"]) == (3, "watch")
    assert "missing" in {one["code"] for one in verdict(out)["findings"]}


def test_a_drifted_score_is_exit_code_4_and_an_alert_in_the_journal_once(
    monitor: Run, models: tuple[Path, str, str], tmp_path: Path
) -> None:
    folder, url = changed(models, tmp_path / "models", drifted), f"sqlite:///{tmp_path / 'journal.db'}"
    for _ in range(2):
        code, out = monitor("--challenger", "none", "--journal", url, folder=folder)
        assert (code, verdict(out)["verdict"]) == (4, "act")
    assert [alert["rule"] for alert in verdict(out)["alerts"]] == ["P03"]
    with Journal.open(url, "test") as journal:
        lives = journal.alerts().rows
        assert [(life.entry.rule, life.entry.severity, life.entry.level) for life in lives] == [("P03", "R", "model")]
        told = json.loads(journal.payloads([lives[0].entry.evidence])[lives[0].entry.evidence] or b"{}")
    assert told["evidence"]["score_psi"] == verdict(out)["figures"]["score_psi"]


def test_no_champion_and_months_without_loans_are_exit_code_2(monitor: Run, tmp_path: Path) -> None:
    assert monitor(folder=tmp_path / "nothing")[0] == 2
    assert monitor(months=("2019-01", "2019-02"))[0] == 2
    assert monitor(months=(MONTHS[1], MONTHS[0]))[0] == 2


def test_a_journal_that_is_away_is_exit_code_5_and_not_taken_for_a_verdict(
    monitor: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def away(*_: object) -> None:
        raise JournalDown("nobody answers")

    monkeypatch.setattr(monitor_alerts, "tell_alerts", away)
    code, out = monitor("--challenger", "none", "--journal", f"sqlite:///{tmp_path / 'journal.db'}")
    assert (code, verdict(out)["verdict"]) == (5, "ok")


def test_a_second_bundle_is_scored_beside_the_champion_on_the_same_loans(
    monitor: Run, models: tuple[Path, str, str], small_book: Path
) -> None:
    _, out = monitor("--challenger", models[2][:12], months=("2022-10", MONTHS[1]))
    assert verdict(out)["challenger"] == models[2]
    shadow = pl.read_csv(out / "shadow.csv", try_parse_dates=True).sort("as_of")
    people = pl.read_csv(out / "population.csv", try_parse_dates=True).filter(bucket="all").sort("as_of")
    assert shadow["loans"].to_list() == people["loans"].to_list()
    assert shadow["mean_pd"].to_list() == pytest.approx(people["mean_pd"].to_list())
    assert (shadow["mean_pd"] != shadow["challenger_mean_pd"]).all()
    assert shadow["other_grade"].is_between(0, 1).all()
    assert shadow["other_grade"].max() > 0  # type: ignore[operator]
    # a month that is mature has the discrimination of both
    mature = pl.read_csv(out / "truth.csv", try_parse_dates=True)
    assert len(mature)
    both = shadow.filter(pl.col("as_of").is_in(mature["as_of"].implode()))
    assert both["truth_auc"].to_list() == pytest.approx(mature["auc"].to_list(), nan_ok=True)
    assert shadow["same_order"].is_between(-1, 1).all()
    moved = pl.read_csv(out / "swaps.csv")
    assert moved["loans"].sum() == shadow["loans"].sum()
    assert set(moved["move"]) > {"same"}
    page = (out / "index.html").read_text("utf-8")
    assert 'href="shadow.csv"' in page


def test_an_unknown_challenger_is_refused(monitor: Run) -> None:
    assert monitor("--challenger", "ffff")[0] == 2
