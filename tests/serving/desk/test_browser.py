"""The desk in a real browser: every role signs in and works, and axe finds no serious fault on any page."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from serving.access.door import DEMO_SECRET, Door
from serving.access.keys import WatchedKeys
from serving.access.limits import Rate, RateLimit
from serving.access.sessions import Sessions
from serving.app import create_app
from serving.backing import Backing
from serving.desk.desk import DeskOptions
from serving.incoming import Incoming
from serving.journal import Journal
from serving.memory import Memory
from serving.wiring import Wiring, open_runs, open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium: the program chromium (Debian package chromium)")
    sync = pytest.importorskip("playwright.sync_api", reason="needs playwright: the extra dev")
    with sync.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def desk(after_night: Any, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served demonstration with a journal of its own."""
    import uvicorn

    root, journal_file = after_night.root, tmp_path_factory.mktemp("browsed") / "journal.db"
    journal_file.write_bytes((root / "journal.db").read_bytes())
    journal = Journal.open(journal_file)
    door = Door(WatchedKeys(root / "none.json"), None, Sessions(DEMO_SECRET), RateLimit(Rate()), demo=True)
    incoming, memory = Incoming(journal), Memory(journal, open_runs(root / "segments", journal))
    backing = Backing(door, journal, open_store(root / "store", incoming), memory, incoming)
    options = DeskOptions(capacity=20, portfolio=root / "portfolio")
    app = create_app(Wiring(models_dir, "standard").service(memory=memory), 60, backing, options)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    running.join()


@pytest.fixture
def sit(browser: Browser, desk: str) -> Iterator[Open]:
    """A page signed in by one press; anything that the browser complains of fails the test."""
    contexts, complaints = [], []

    def signed_in(role: str = "officer", width: int = 1440, lang: str = "en", script: bool = True) -> Page:
        locale = "zh-CN" if lang == "zh" else "en-GB"
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=locale, java_script_enabled=script, base_url=desk
        )
        context.set_default_timeout(90_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/desk")
        with page.expect_navigation():
            page.locator(f"form:has(input[value={role}]) button").click()
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert [one for one in complaints if "status of 4" not in one] == []


def first_loan(page: Page) -> str:
    page.goto("/desk/queue")
    return str(page.locator("tr.go a.main").first.get_attribute("href"))


def first_alert(page: Page) -> str:
    page.goto("/desk/alerts?status=open")
    return str(page.locator("tr.go a.main").first.get_attribute("href"))


@pytest.mark.parametrize(
    ("role", "title"),
    [
        ("officer", "Work queue"),
        ("approver", "Work queue"),
        ("monitor", "Work queue"),
        ("auditor", "Early-warning alerts"),
        ("scientist", "The book in June"),
    ],
)
def test_each_role_signs_in_by_one_press_and_out_again(sit: Open, role: str, title: str) -> None:
    page = sit(role)
    assert page.locator("h1").inner_text() == title
    page.get_by_role("button", name="Sign out").click()
    assert "You have signed out" in page.locator("main").inner_text()
    page.goto("/desk/queue")
    assert "/desk/sign-in" in page.url


@pytest.mark.parametrize("script", [True, False])
def test_an_alert_is_worked_to_its_closure_with_and_without_script(sit: Open, script: bool) -> None:
    page = sit(script=script)
    page.goto(first_alert(page))
    page.get_by_label("Acknowledge: I look into it").check()
    page.locator("textarea[name=reason]").fill("I ring the borrower")
    page.get_by_role("button", name="Save").click()
    assert "Saved: the alert is acknowledged." in page.locator("main").inner_text()
    assert page.get_by_label("Acknowledge: I look into it").count() == 0
    if script:
        assert page.locator("select[name=outcome]").is_hidden()
    page.get_by_label("Close: the case is over").check()
    page.locator("select[name=outcome]").select_option("cured")
    page.locator("textarea[name=reason]").fill("paid in full")
    page.get_by_role("button", name="Save").click()
    shown = page.locator("main").inner_text()
    assert "Saved: the alert is closed." in shown
    assert "I ring the borrower" in shown
    assert "paid in full" in shown


def test_a_report_is_read_a_decision_taken_and_the_guard_asked(sit: Open) -> None:
    page = sit()
    page.goto(first_loan(page))
    assert "probability of default within 12 months" in page.locator("h1").inner_text()
    assert page.locator(".report svg").count() > 0
    page.get_by_text("Decide otherwise").last.click()
    page.locator("select[name=becomes]").select_option("tier:T1")
    page.locator("#override textarea").fill("a new contract at a hospital")
    page.get_by_role("button", name="Propose the decision").click()
    assert "Saved: your decision waits for another person" in page.locator("main").inner_text()
    assert "a new contract at a hospital" in page.locator("aside").inner_text()
    page.get_by_text("May I make contact?").last.click()
    page.locator("input[name=point]").fill("13800000000")
    page.locator("input[name=at]").fill("2026-11-24T23:30")
    page.get_by_role("button", name="Ask the guard").click()
    assert "Not allowed" in page.locator(".answer").inner_text()
    page.get_by_role("link", name="Back to the loan").click()
    assert page.locator("h1").count() == 1


def test_choosing_a_filter_applies_it_and_the_queue_is_exported_so(sit: Open) -> None:
    page = sit()
    page.locator("select[name=tier]").select_option("T3")
    page.wait_for_url("**/desk/queue?tier=T3")
    assert set(page.locator("tbody .chip").all_inner_texts()) == {"T3"}
    with page.expect_download() as saved:
        page.get_by_role("link", name="Export as CSV").click()
    text = Path(saved.value.path()).read_text("utf-8-sig")
    assert text.startswith("Rank,Loan,Borrower")
    assert ",T3," in text
    assert ",T2," not in text


def test_the_language_is_switched_on_the_page_one_reads(sit: Open) -> None:
    page = sit()
    page.goto("/desk/alerts?severity=O")
    page.get_by_role("link", name="中文").click()
    assert page.url.endswith("/desk/alerts?severity=O")
    assert page.locator("h1").inner_text() == "早期预警"
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("link", name="English").click()
    assert page.locator("h1").inner_text() == "Early-warning alerts"


def test_the_queue_is_walked_by_keyboard(sit: Open) -> None:
    page = sit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash") in ("main", "#main")
    links = page.locator("tr.go a.main")
    links.first.focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.href") == page.evaluate("(a) => a.href", links.nth(1).element_handle())
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/loans/**")


def places(page: Page) -> list[str]:
    """Every page of the desk with something on it."""
    loan, alert = first_loan(page), first_alert(page)
    page.goto(loan)
    borrower = str(page.locator("a[href^='/desk/borrowers/']").first.get_attribute("href"))
    fixed = [
        "queue",
        "queue?tier=D",
        "alerts",
        "alerts?status=closed",
        "loans",
        "loans?q=L0",
        "book/",
        "model/",
        "help",
    ]
    return [*(f"/desk/{one}" for one in fixed), loan, alert, borrower, "/desk/nowhere"]


@pytest.mark.parametrize(("width", "lang"), [(390, "zh"), (1440, "en")])
def test_axe_finds_no_serious_fault_and_nothing_is_wider_than_the_screen(sit: Open, width: int, lang: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python: extra dev")
    officer, auditor = sit("officer", width, lang), sit("auditor", width, lang)
    looked_at = [*((officer, path) for path in places(officer)), (auditor, "/desk/audit"), (auditor, "/desk/queue")]
    faults = []
    for page, path in looked_at:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        found = axe.Axe().run(page).response["violations"]
        faults += [(path, one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in GRAVE]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append((path, "wider than the screen", ""))
    assert faults == []


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_no_width_scrolls_sideways_and_nothing_shifts(sit: Open, width: int) -> None:
    page = sit("officer", width)
    watch = """new Promise((done) => { let sum = 0;
      new PerformanceObserver((seen) => seen.getEntries().forEach((one) => { sum += one.value; }))
        .observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done(sum), 250); })"""
    for path in ("/desk/queue", "/desk/alerts", first_loan(page), "/desk/help"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(watch) < 0.01, path


def test_nothing_is_asked_of_anybody_else(sit: Open, desk: str) -> None:
    page = sit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in places(page):
        page.goto(path)
    assert asked
    assert [one for one in asked if not one.startswith(desk) and not one.startswith("data:")] == []
