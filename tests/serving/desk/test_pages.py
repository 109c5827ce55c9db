"""Every page: who sees it, in which language, and that it carries nothing that a strict browser would refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.access.roles import MAY, Act, Role
from serving.backing import Backing
from serving.desk.answering import POLICY

Sit = Callable[..., TestClient]
PAGES = {
    "/desk/queue": Act.READ_QUEUE,
    "/desk/queue?tier=D": Act.READ_QUEUE,
    "/desk/queue?tier=T4&severity=O&owner=risk&page=99": Act.READ_QUEUE,
    "/desk/queue.csv": Act.READ_QUEUE,
    "/desk/alerts": Act.READ_ALERTS,
    "/desk/alerts?status=closed&severity=R&rule=R02": Act.READ_ALERTS,
    "/desk/alerts.csv": Act.READ_ALERTS,
    "/desk/alerts/{alert}": Act.READ_ALERTS,
    "/desk/loans": Act.READ_LOANS,
    "/desk/loans?q=L0": Act.READ_LOANS,
    "/desk/loans?q=nothing+like+it": Act.READ_LOANS,
    "/desk/loans/{loan}": Act.READ_LOANS,
    "/desk/borrowers/{borrower}": Act.READ_LOANS,
    "/desk/book/": Act.READ_BOOK,
    "/desk/book/delinquency.csv": Act.READ_BOOK,
    "/desk/model/": Act.READ_BOOK,
    "/desk/audit": Act.AUDIT,
    "/desk/help": None,
}


class Markup(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.labels = 0
        self.headings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attributes]
        given = dict(attributes)
        self.ids += [given["id"]] if given.get("id") else []
        if (tag == "script" and "src" not in given) or tag == "style":
            self.inline.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)


@pytest.fixture(scope="module")
def addresses(sit: Sit, a_loan: str) -> dict[str, str]:
    officer = sit()
    alert = re.search(r"/desk/alerts/(A[0-9a-f]{24})", officer.get("/desk/alerts").text)
    borrower = re.search(r"/desk/borrowers/([0-9a-f]{32})", officer.get(f"/desk/loans/{a_loan}").text)
    assert alert is not None
    assert borrower is not None
    return {"loan": a_loan, "alert": alert[1], "borrower": borrower[1]}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("path", PAGES)
def test_a_role_sees_the_pages_it_may_and_a_plain_refusal_else(
    sit: Sit, addresses: dict[str, str], role: str, path: str, backing: Backing
) -> None:
    answer = sit(role).get(path.format(**addresses))
    act = PAGES[path]
    if act is None or Role(role) in MAY[act]:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 403
        assert "Your role does not see this" in answer.text
        kept = backing.kept().accesses(1, actor=role).rows[0].entry
        assert (kept.status, kept.path) == (403, path.format(**addresses).partition("?")[0])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", [path for path in PAGES if ".csv" not in path])
def test_a_page_is_whole_clean_and_in_the_language_asked_for(
    sit: Sit, addresses: dict[str, str], path: str, lang: str
) -> None:
    role = "auditor" if path == "/desk/audit" else "officer"
    answer = sit(role, lang).get(path.format(**addresses))
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"
    markup = Markup(answer.text)
    assert markup.inline == []
    names = {name for _, name, _ in markup.attributes}
    assert [name for name in names if name == "style" or name.startswith("on")] == []
    assert len(markup.ids) == len(set(markup.ids))
    assert markup.headings.count("h1") == 1
    outside = [value for _, name, value in markup.attributes if name in ("src", "href", "action") and value]
    assert [one for one in outside if not one.startswith(("/desk", "#", "delinquency.csv"))] == []
    assert ("html", "lang", "zh-CN" if lang == "zh" else "en") in markup.attributes
    said = re.sub(r"<[^>]+>", " ", answer.text)
    assert bool(re.search(r"[\u4e00-\u9fff]", said.replace("中文", ""))) == (lang == "zh")


@pytest.mark.parametrize("path", PAGES)
def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_comes_back(
    sit: Sit, addresses: dict[str, str], path: str
) -> None:
    answer = sit("").get(path.format(**addresses))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/desk/sign-in?next=%2Fdesk%2F")


def test_the_navigation_offers_what_the_role_may_see(sit: Sit) -> None:
    seen = {
        role.value: set(re.findall(r'<li><a href="/desk/(\w+)/?"', sit(role.value).get("/desk/help").text))
        for role in Role
    }
    assert seen["scientist"] == {"book", "model", "help"}
    assert seen["officer"] == {"queue", "alerts", "loans", "decisions", "book", "model", "help"}
    assert seen["auditor"] == {"alerts", "loans", "decisions", "book", "model", "audit", "help"}
    assert seen["monitor"] == {"queue", "alerts", "loans", "decisions", "help"}


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_the_start_leads_to_a_page_the_role_may_see(sit: Sit, role: str) -> None:
    browser = sit(role)
    assert browser.get(browser.get("/desk").headers["location"]).status_code == 200


@pytest.mark.parametrize(("lang", "words"), [("en", "There is nothing here"), ("zh", "这里没有内容")])
@pytest.mark.parametrize("path", ["/desk/nowhere", "/desk/loans/none", "/desk/alerts/none", "/desk/borrowers/none",
                                  "/desk/book/none.csv", "/desk/book/..%2F..%2Fjournal.csv"])  # fmt: skip
def test_what_is_not_there_is_a_page_in_the_readers_language(sit: Sit, path: str, lang: str, words: str) -> None:
    answer = sit("officer", lang).get(path)
    assert answer.status_code == 404
    assert words in answer.text
    assert "<nav" in answer.text


def test_rows_that_name_loans_are_for_those_who_may_read_loans(sit: Sit) -> None:
    path = "/desk/book/rows/late_loans.csv"
    assert sit("officer").get(path).text == "loan_id\nL1\n"
    assert sit("scientist").get(path).status_code == 403


def test_the_state_of_the_book_is_shown_in_the_readers_language(sit: Sit) -> None:
    assert "The book in June" in sit("scientist").get("/desk/book/").text
    chinese = sit("scientist", "zh").get("/desk/book/").text
    assert "六月的贷款组合" in chinese
    assert "The book in June" not in chinese


def test_a_state_that_was_not_written_tells_how_to_write_it(sit: Sit) -> None:
    assert "loanwatch monitor BOOK" in sit("scientist").get("/desk/model/").text


def test_the_language_is_kept_and_leads_back_to_the_page(sit: Sit) -> None:
    browser = sit()
    answer = browser.get("/desk/language?to=zh&back=%2Fdesk%2Fqueue%3Ftier%3DT4")
    assert answer.headers["location"] == "/desk/queue?tier=T4"
    assert "工作队列" in browser.get("/desk/queue").text
    browser.get("/desk/language?to=en&back=/desk")
    assert "Work queue" in browser.get("/desk/queue").text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/desk/..//evil.example", "/v1/alerts",
                                  "/desk\\evil", "/deskevil", "javascript:alert(1)", "/desk/\r\nx: y"])  # fmt: skip
def test_no_address_outside_the_desk_is_gone_to(sit: Sit, back: str) -> None:
    assert sit().get("/desk/language", params={"to": "zh", "back": back}).headers["location"] == "/desk"
    assert sit().get("/desk/sign-in", params={"next": back}).headers["location"] == "/desk"


def test_styles_and_scripts_are_kept_by_browsers_under_their_mark(sit: Sit) -> None:
    browser = sit("")
    for address in re.findall(r'"(/desk/static/[^"]+)"', browser.get("/desk/sign-in").text):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert browser.get("/desk/static/desk.css").headers["cache-control"] == "no-cache"
    assert browser.get("/desk/static/none.css").status_code == 404


def test_the_styles_and_the_script_ask_for_nothing_outside(root: Path) -> None:
    for name in ("desk/static/desk.css", "desk/static/desk.js", "templates/style.css"):
        text = (root / "reports" / name).read_text("utf-8")
        assert re.findall(r"url\(|@import|https?://|fetch\(|XMLHttpRequest|innerHTML|eval\(", text) == [], name


def test_the_queue_draws_the_line_of_capacity_once(sit: Sit) -> None:
    first = sit().get("/desk/queue").text
    assert first.count('class="capacity"') == 1
    before, _, after = first.partition('class="capacity"')
    assert before.count('<tr role="row" class="go') == 20
    assert 'class="go beyond"' not in before
    assert 'class="go beyond"' in after
    assert 'class="capacity"' not in sit().get("/desk/queue?page=2").text


def test_a_fault_of_ours_is_a_page_with_the_number_of_the_request(
    sit: Sit, app: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    browser = sit("officer", "zh")
    monkeypatch.setattr("serving.desk.pages.work.queue_page", broken)
    answer = browser.get("/desk/queue", headers={"x-request-id": "mine-1"})
    assert answer.status_code == 500
    assert "出现错误" in answer.text
    assert "mine-1" in answer.text


def test_a_journal_that_is_away_is_a_page_that_says_so(sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    from serving.journal import JournalDown
    from serving.journal.journal import Journal

    browser = sit()

    def away(*_: object, **__: object) -> None:
        raise JournalDown("away")

    monkeypatch.setattr(Journal, "alerts", away)
    answer = browser.get("/desk/alerts")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Not available at this moment" in answer.text
