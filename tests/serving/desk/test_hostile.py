"""Hostile names, huge amounts, right-to-left text and empty history: nothing breaks, nothing is injected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from desk_forms import token
from starlette.testclient import TestClient

from reports.desk.sheets import plain, sheet
from serving.access.door import Door
from serving.access.keys import WatchedKeys
from serving.access.limits import Rate, RateLimit
from serving.access.sessions import Sessions
from serving.app import create_app
from serving.backing import Backing
from serving.journal import Alert, Journal, Override, Score
from serving.memory import Memory
from serving.wiring import Wiring

NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE scores; --",
    "{{ 7 * 7 }}{% raw %}",
    "قرض ١٢٣ \u202eabc\u202c",
    "x" * 200,
    '=HYPERLINK("http://evil.example")',
    "../../etc/passwd",
    "贷款／甲 乙&丙",
)


class Foreign(HTMLParser):
    """What of a page did not come from our templates: scripts, handlers of events, pictures, frames."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        source = given.get("src") or ""
        handlers = [name for name in given if name.startswith("on") or name == "style"]
        if tag in ("iframe", "object", "embed", "base") or handlers:
            self.found.append(f"{tag} {given}")
        if tag in ("script", "img") and not source.startswith("/desk/static/"):
            self.found.append(f"{tag} {given}")
        if (given.get("href") or "").lower().startswith(("javascript:", "data:")):
            self.found.append(f"{tag} {given}")


def injected(text: str) -> list[str]:
    """What stands in a page that should not."""
    return Foreign(text).found + re.findall(">49<", text)


def score(name: str, **other: object) -> Score:
    given: dict[str, object] = {
        "score_id": f"S{abs(hash(name))}", "request_id": "r", "actor": "a", "source": "api", "loan_id": name,
        "borrower_id": name, "as_of": 20_000, "cutoff": 1, "status": "scored", "pd": 0.3, "raw": -1.0, "grade": "G9",
        "tier": "T4", "floor": "", "dpd": 3, "exposure": 100_00, "bundle_id": "b", "pack": name, "pack_hash": "h",
        "feature_hash": "f", "explainer": "e", "five_class": name, "action": name, "stage": "2",
        "details": {"reasons": [{"text": {"en": name, "zh": name}}]},
    }  # fmt: skip
    return Score(**given | other)  # type: ignore[arg-type]


def alert(name: str) -> Alert:
    text = {"text": {"en": name, "zh": name}, "evidence": {name: 1e300, "dpd_now": None}, "folded": [name]}
    return Alert(
        alert_id=f"A{abs(hash(name))}", rule=name, version="1", severity="R", family=name, level="loan", subject=name,
        loan_id=name, borrower_id=name, fired_on=20_000, owner=name, action=name, request_id="r", actor=name,
        evidence=text,
    )  # fmt: skip


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    made = Journal.open(tmp_path_factory.mktemp("hostile") / "journal.db")
    for name in NAMES:
        decided = Override(
            override_id=f"O{abs(hash(name))}", loan_id=name, what="action", was=name, becomes=name, reason=name,
            approved_by=name, actor=name, request_id="r",
        )  # fmt: skip
        made.write(score(name), alert(name), decided).result()
    made.write(
        score("HUGE", exposure=9_223_372_036_854_775_000, pd=1.0, dpd=14_600),
        score("NOTHING", exposure=None, pd=float("nan"), status="insufficient_history", tier="", grade="", details=None,
              five_class="", action="", stage=""),
    ).result()  # fmt: skip
    return made


@pytest.fixture(scope="module")
def browser(journal: Journal, models_dir: Path) -> Iterator[TestClient]:
    door = Door(WatchedKeys(Path("none.json")), None, Sessions("d" * 40), RateLimit(Rate(9e9, 9**9)), demo=True)
    app = create_app(Wiring(models_dir, "standard").service(), 60, Backing(door, journal, None, Memory(journal)))
    with TestClient(app, follow_redirects=False) as client:
        client.post("/desk/sign-in", data={"role": "officer"})
        yield client


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_text_wherever_it_stands(browser: TestClient, name: str, lang: str) -> None:
    inside = quote(name, safe="").replace(".", "%2E")
    paths = [
        "/desk/queue", "/desk/alerts?status=all", f"/desk/loans/{inside}", f"/desk/loans?q={quote(name)}",
        f"/desk/alerts/A{abs(hash(name))}", f"/desk/alerts?loan_id={quote(name)}&rule={quote(name)}",
        f"/desk/queue?product={quote(name)}&owner={quote(name)}&tier={quote(name)}&page={quote(name)}",
        f"/desk/sign-in?next={quote(name)}&why={quote(name)}", f"/desk/{quote(name)}",
    ]  # fmt: skip
    for path in paths:
        answer = browser.get(path, headers={"accept-language": lang})
        assert answer.status_code in (200, 303, 404), path
        assert injected(answer.text) == [], path


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_hostile_loan_shows_its_name_and_takes_decisions(browser: TestClient, name: str) -> None:
    page = "/desk/loans/" + quote(name, safe="").replace(".", "%2E")
    answer = browser.get(page)
    assert answer.status_code == 200
    fields = {"token": token(browser, page), "becomes": "tier:T1", "reason": name}
    assert browser.post(f"{page}/override", data=fields).status_code == 303
    assert injected(browser.get(page).text) == []
    assert injected(browser.get("/desk/decisions").text) == []


def test_huge_amounts_and_missing_ones_are_written_out(browser: TestClient) -> None:
    assert "92,233,720,368,547,750" in browser.get("/desk/loans?q=HUG").text
    assert browser.get("/desk/loans/HUGE").status_code == 200
    assert browser.get("/desk/loans/NOTHING").status_code == 200
    assert "14600" in browser.get("/desk/loans?q=HUG").text


def test_a_book_without_a_night_says_so(browser: TestClient) -> None:
    assert "No night has been run yet" in browser.get("/desk/queue").text


def test_an_empty_journal_says_how_the_queue_fills(models_dir: Path, tmp_path: Path) -> None:
    door = Door(WatchedKeys(Path("none.json")), None, Sessions("d" * 40), RateLimit(Rate()), demo=True)
    with Journal.open(tmp_path / "journal.db") as empty:
        app = create_app(Wiring(models_dir, "standard").service(), 60, Backing(door, empty, None, Memory(empty)))
        client = TestClient(app, follow_redirects=False)
        client.post("/desk/sign-in", data={"role": "officer"})
        assert "There is nothing to rank yet" in client.get("/desk/queue").text
        assert "No alert matches" in client.get("/desk/alerts").text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"])
def test_a_text_that_a_spreadsheet_would_compute_is_kept_as_text(text: str) -> None:
    assert plain(text) == "'" + text


def test_a_sheet_keeps_numbers_quotes_and_empty_cells() -> None:
    made = sheet(["a", "b"], [[-1, 'say "hi", 你好'], [None, "two\nlines"]])
    assert made == '\ufeffa,b\r\n-1,"say ""hi"", 你好"\r\n,"two\nlines"\r\n'


def test_the_exports_of_hostile_names_compute_nothing(browser: TestClient) -> None:
    for path in ("/desk/queue.csv", "/desk/alerts.csv?status=all"):
        text = browser.get(path).text
        assert re.search(r'(^|,)"?=HYPERLINK', text, re.M) is None
        assert "'=HYPERLINK" in text


def handlers() -> list[Callable[[TestClient], object]]:
    return [
        lambda one: one.post("/desk/alerts/A1/work", content=b"\xff\xfe", headers=FORM),
        lambda one: one.post("/desk/alerts/A1/work", content=b"reason=%00", headers=FORM),
        lambda one: one.post("/desk/alerts/A1/work", content=b"reason=%ED%A0%80", headers=FORM),
        lambda one: one.get("/desk/alerts?before=" + "9" * 300),
        lambda one: one.get("/desk/queue?page=-1"),
        lambda one: one.get("/desk/loans/%00"),
        lambda one: one.put("/desk/queue"),
    ]


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("ask", handlers())
def test_nonsense_never_breaks_the_service(browser: TestClient, ask: Callable[[TestClient], object]) -> None:
    answer = ask(browser)
    assert answer.status_code < 500  # type: ignore[attr-defined]
    assert "<!doctype html>" in answer.text  # type: ignore[attr-defined]
