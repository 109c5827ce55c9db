"""The page of the book: both languages, what is passed, what is not known and why, names that are markup or Arabic."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from monitoring.portfolio.decided import Decided, Night
from monitoring.portfolio.figures import Pack, figures
from monitoring.portfolio.gather import Rows
from reports.book.decided import needs
from reports.book.files import write_pack
from reports.book.page import book_page
from reports.formats import LANGS, Lang

ON, BEFORE = date(2024, 2, 29), date(2024, 1, 31)
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'
ARABIC = "\u202eقرض \u0627\u0644\u0633\u064a\u0627\u0631\u0629"
X = (0, 30, 60, 90)


def rows_of(name: str = "car", loans: int = 40, principal: float = 1000.0) -> Rows:
    """A small book of two month ends; every eighth loan is late, its names are as given."""
    ids = [f"L{k}" for k in range(loans)]
    late = [k % 8 == 0 for k in range(loans)]
    states = pl.concat(
        pl.DataFrame(
            {
                "loan_id": ids,
                "as_of": [day] * loans,
                "status": ["scored"] * loans,
                "bucket": ["M2" if one and day == ON else "M1" if one else "C" for one in late],
                "dpd": pl.Series([45 if one and day == ON else 15 if one else 0 for one in late], dtype=pl.Int32),
                "principal_outstanding": [principal] * loans,
                "unpaid_due": [10.0 if one else 0.0 for one in late],
                "exit": [""] * loans,
                "due_in_month": [10.0] * loans,
                "instalments_due": [1] * loans,
                "instalments_late": [int(one) for one in late],
            }
        )
        for day in (BEFORE, ON)
    )
    past = [date(2024, 2, 14) if one else None for one in late]
    lives = pl.DataFrame(
        {
            "loan_id": ids,
            "borrower_id": [f"B{k // 2}" for k in range(loans)],
            **{column: [name] * loans for column in ("product", "channel", "region", "industry")},
            "disbursed_on": [date(2023, 11, 5)] * loans,
            "maturity_on": [date(2063, 11, 5)] * loans,  # forty years
            "principal": [principal] * loans,
            "restructured_on": [None] * loans,
            "exit": [""] * loans,
            "exit_on": [None] * loans,
            **{f"due_{k}_on": [date(2023, 11 + k, 5) if k == 1 else date(2024, k - 1, 5)] * loans for k in (1, 2, 3)},
            **{f"open_{k}": [31 if one and k == 3 else 0 for one in late] for k in (1, 2, 3)},
            **{f"over_{x}_on": past if x <= 30 else [None] * loans for x in X},
            **{f"balance_{x}": [principal if one and x <= 30 else None for one in late] for x in X},
            **{f"back_{x}_on": [None] * loans for x in X},
        },
        schema_overrides={
            **dict.fromkeys(("restructured_on", "exit_on", *(f"back_{x}_on" for x in X)), pl.Date),
            **dict.fromkeys((f"over_{x}_on" for x in X), pl.Date),
            **dict.fromkeys((f"balance_{x}" for x in X), pl.Float64),
        },
    )
    return Rows(states, lives, *_work(name, ids))


def _work(name: str, ids: list[str]) -> tuple[pl.DataFrame, ...]:
    """Collections, tasks, contacts and cases under a trial."""
    empty = {"loan_id": pl.String, "defaulted_on": pl.Date, "exposure": pl.Float64, "paid_on": pl.Date}
    cases = {
        "loan_id": ids[:4],
        "borrower_id": ["a", "b", "c", "d"],
        "action": [name] * 4,
        "arm": ["treated", "treated", "holdout", "holdout"],
        "on": [date(2024, 1, 10)] * 4,
        "arrears": [10.0] * 4,
        "collected": [10.0, 5.0, 0.0, 10.0],
        "good": [True, False, False, True],
        "cost": [1.0, 1.0, 0.0, 0.0],
    }
    tasks = {"kind": ["review"], "loan_id": ["L1"], "due_on": [ON], "done_on": [None], "as_of": [ON]}
    contacts = {"on": [ON], "loan_id": ["L1"], "channel": [name], "outcome": ["reached"]}
    return (
        pl.DataFrame(schema=empty | {"amount": pl.Float64}),
        pl.DataFrame(tasks, schema_overrides={"done_on": pl.Date}),
        pl.DataFrame(contacts),
        pl.DataFrame(cases),
    )


def night(on: date, worst: str) -> Night:
    loans = 40
    return Night(
        on,
        pl.DataFrame(
            {
                "loan_id": [f"L{k}" for k in range(loans)],
                "borrower_id": [f"B{k // 2}" for k in range(loans)],
                "five_class": ["substandard" if k < 2 and on == ON else "normal" for k in range(loans)],
                "tier": [worst if k < 4 else "T1" for k in range(loans)],
                "pd": [0.01] * loans,
                "dpd": [0] * loans,
                "balance": [1000.0] * loans,
                "ead": [1000.0] * loans,
            }
        ),
    )


def decided() -> Decided:
    alerts = {
        "alert_id": ["A1", "A2"],
        "rule": ["R05", "R99"],
        "severity": ["O", "R"],
        "loan_id": ["L0", HOSTILE],
        "fired_on": [date(2024, 1, 31)] * 2,
        "suppressed": [False, False],
        "closed_on": [None, date(2024, 2, 2)],
        "outcome": ["", "=cmd|' /C calc'!A0"],
    }
    shares = pl.DataFrame(
        {
            "as_of": [BEFORE, ON],
            "balance": [40_000.0] * 2,
            **{name: [1.0, 0.95] for name in ("normal",)},
            **{name: [0.0, 0.05 * (name == "substandard")] for name in ("special_mention", "substandard")},
            **{name: [0.0, 0.0] for name in ("doubtful", "loss")},
            "npl_share": [0.0, 0.05],
            "over90_to_npl": [None, 0.0],
        }
    )
    nights = {"now": night(ON, "T5"), "before": night(BEFORE, "T2"), "opening": night(BEFORE, "T2")}
    return Decided(shares, **nights, alerts=pl.DataFrame(alerts), capacity=1)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return figures(rows_of(), decided())


class _Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("lang", LANGS)
def test_every_figure_has_a_definition_a_table_and_its_rows(pack: Pack, lang: Lang, tmp_path: Path) -> None:
    page = write_pack(pack, rows_of(), tmp_path / "pack", "CNY", "Asia/Shanghai")
    html = book_page(pack, "CNY", "Asia/Shanghai", (lang,))
    cards = [card for card in html.split('<section class="card"') if "<h2>" in card and "<table" in card]
    assert len(cards) > 15
    for card in cards:
        assert 'class="intro">' in card
        links = re.findall(r'href="([^"]+\.csv)"', card)
        assert links, card[:200]
        assert len(links) == 2 or "kris.csv" in links
        assert all((page.parent / link).is_file() for link in links), links


def test_what_is_passed_is_said_first(pack: Pack) -> None:
    html = book_page(pack, "CNY", "Asia/Shanghai", ("en",))
    lead = html.split("<h1>")[1].split("</section>")[0]
    assert "30+ balance rate" in lead  # 5 of 40 loans: 12.5 % against 5 %
    assert html.index("passed (orange)") < html.index("within the limit")
    assert 'headline is-T4"' in html
    assert "Largest partner. The data has no column for it." in html


def test_without_a_journal_the_page_says_how_to_get_what_is_missing() -> None:
    html = book_page(figures(rows_of()), "CNY", "Asia/Shanghai", ("en",))
    missing = html.split("What this pack does not show")[1]
    for name in ("Five classes and NPL", "Where tiers moved", "Were alerts right?"):
        assert name in missing
    assert missing.count("--journal URL --segments FOLDER") == 5
    assert 'href="class_shares.csv"' not in html


def test_every_figure_of_policy_has_a_way_to_be_known(pack: Pack) -> None:
    asked = {name for asks in pack.tables["kris"]["asks"] for name in asks.split()}
    assert {needs(name) for name in asked} == {"nights", "journal", "monitor", "columns", "history"}


def test_hostile_names_stay_text_and_nothing_runs(tmp_path: Path) -> None:
    rows = rows_of(HOSTILE)
    page = write_pack(figures(rows, decided()), rows, tmp_path / "pack", "CNY", "Asia/Shanghai")
    html = page.read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in html
    for tag, attributes in tags(html):
        assert tag != "script"
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert not str(attributes.get("href", "")).startswith(("http", "//", "javascript:"))


def test_a_spreadsheet_takes_no_text_for_a_formula(tmp_path: Path) -> None:
    rows = rows_of("=1+1")
    page = write_pack(figures(rows, decided()), rows, tmp_path / "pack", "CNY", "Asia/Shanghai")
    for file in page.parent.rglob("*.csv"):
        for line in file.read_text("utf-8-sig").splitlines():
            assert not re.search(r'(^|,)"?[=@]', line), (file.name, line)
    assert "'=cmd" in (page.parent / "rows" / "alerts.csv").read_text("utf-8-sig")


def test_text_from_right_to_left_stays_in_its_cell() -> None:
    html = book_page(figures(rows_of(ARABIC)), "CNY", "Asia/Shanghai", ("en",))
    places = [m.start() for m in re.finditer(re.escape(ARABIC), html)]
    assert places
    assert all(html[:at].endswith("<bdi>") for at in places)


def test_huge_amounts_are_written_short() -> None:
    html = book_page(figures(rows_of(principal=9e12)), "CNY", "Asia/Shanghai", ("en",))
    assert "CNY 360,000bn" in html or "360tn" in html or "360,000b" in html
    assert "e+" not in html
