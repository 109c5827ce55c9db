"""The demo from end to end on a small book, and what its pages are made of."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from book.clock import month_end
from book.errors import Refusal
from book.load import open_book
from book.request import decode
from loanwatch.latest_month import last_month_end
from loanwatch.loan_pages import file_name, find_loan
from loanwatch.signposts import Signposts
from loanwatch.start_page import Choice, book_view, choose, read_scores
from loanwatch.walk import Walk
from models.opening import load_bundle
from policy.pack import load_pack
from reports.index import index_page
from serving.batch import champion_folder
from serving.desk.shelf import Shelf
from serving.wiring import Wiring


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the demo on 2,500 simulated loans; its tracking store is a temporary one."""
    base = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{base / 'mlflow.db'}")
        patch.chdir(base)
        Walk(Path("demo"), None, loans=2_500, months=48, seed=7).go()
    return base / "demo"


def test_the_demo_leaves_a_start_page_whose_links_and_files_exist(walked: Path) -> None:
    page = (walked / "index.html").read_text("utf-8")
    links = set(re.findall(r'href="([^":]+)"', page))
    assert len(links) == 4
    assert sum(link.endswith("/report.html") for link in links) == 1
    assert all((walked / link).is_file() for link in links)
    for name in ("book", "check", "models", "scores", "reports", "request.json"):
        assert f"demo/{name}" in page
        assert (walked / name).exists()


def test_the_demo_leaves_a_night_over_which_the_desk_opens(walked: Path) -> None:
    wiring = Wiring(
        walked / "models", "standard", journal=f"sqlite:///{walked / 'journal.db'}", store=walked / "store",
        segments=walked / "segments",
    )  # fmt: skip
    backing = wiring.backing()
    seen = Shelf(backing).now()
    backing.close()
    assert len(seen.loans.order) > 100
    assert sum(seen.by_severity.values()) > 100
    assert set(seen.loans.words["product"].names) >= {"consumer", "car"}
    command = Signposts(walked, None, seen.night.entry.as_of, "L1", True).commands()["serve"]
    for part in ("journal.db", "store", "segments", "portfolio", "monitor"):
        assert f"{walked / part}" in command
        assert (walked / part).exists()


def test_the_demo_leaves_the_state_of_book_and_model_for_the_desk(walked: Path) -> None:
    for name in ("portfolio", "monitor"):
        page = (walked / name / "index.html").read_text("utf-8")
        assert 'class="in in-zh"' in page
        assert 'class="in in-en"' in page
    assert not (walked / "portfolio-rows").exists()


def test_the_three_loans_come_from_different_tiers(walked: Path) -> None:
    chosen = choose(read_scores(walked / "scores"))
    assert len({choice.tier for choice in chosen}) == 3
    assert [choice.pd for choice in chosen] == sorted(choice.pd for choice in chosen)


def test_a_scored_loan_in_state_d_has_a_row_of_its_own_and_no_report(walked: Path) -> None:
    scores = read_scores(walked / "scores")
    chosen = choose(scores)[0].loan_id
    struck = scores.with_columns(tier=pl.when(pl.col("loan_id") == chosen).then(pl.lit("D")).otherwise("tier"))
    links = {"reports/x.html": Choice(chosen, "D", 0.2)}
    assert chosen not in {choice.loan_id for choice in choose(struck)}
    bundle, pack, settings = (
        load_bundle(champion_folder(walked / "models")),
        load_pack(),
        open_book(walked / "book").settings,
    )
    posts = Signposts(walked, None, 0, chosen, request=True)
    view = book_view(struck, 19_700, bundle, pack, settings, links, posts)
    assert [row.code for row in view.tiers] == ["T1", "T2", "T3", "T4", "T5", "D"]
    assert sum(row.loans for row in view.tiers) == scores["pd"].count()
    assert "tier-D" in index_page(view)


def test_a_report_shows_the_probability_of_the_batch_file(walked: Path) -> None:
    for choice in choose(read_scores(walked / "scores")):
        html = (walked / "reports" / file_name(choice.loan_id)).read_text("utf-8")
        shown = f"{100 * choice.pd:.1f}%" if choice.pd > 0.0995 else f"{100 * choice.pd:.2f}%"
        assert f"({choice.tier}级)" in html or f"（{choice.tier}级）" in html
        assert f"{shown} probability of default" in html


def test_the_example_request_is_one_that_the_service_takes(walked: Path) -> None:
    body = (walked / "request.json").read_bytes()
    request = decode(body, open_book(walked / "book").settings)
    assert len(request.loans) == len(json.loads(body)["score"])


def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", "utf-8")
    with pytest.raises(Refusal, match="holds something else"):
        Walk(tmp_path, None, loans=10, months=12, seed=1).go()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_latest_month_is_the_last_one_the_records_cover(small_book: Path) -> None:
    book = open_book(small_book)
    paid = pl.scan_parquet(small_book / "part-*" / "payments.parquet").select(pl.col("paid_on").max())
    last = last_month_end(book)
    assert last == month_end([2021 * 12 + 36 - 1970 * 12 - 1])[0]
    assert abs(last - paid.collect().item().toordinal() + 719163) < 31


def test_an_unknown_loan_is_refused_with_the_nearest_one(small_book: Path) -> None:
    with pytest.raises(Refusal, match=r"loan L00000000x: not in the book .*; nearest: L\d+"):
        find_loan(open_book(small_book), "L00000000x")


@pytest.mark.parametrize(
    ("loan", "name"), [("L/1", "L_1.html"), ("../x", "___x.html"), ("贷款", "__.html"), ("", "loan.html")]
)
def test_any_loan_id_gives_a_safe_file_name(loan: str, name: str) -> None:
    assert file_name(loan) == name
