"""A night over the small book, and the desk over it with a key for every role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from book.load import Book
from serving.access.door import Door
from serving.access.keys import WatchedKeys
from serving.access.limits import Rate, RateLimit
from serving.access.sessions import Sessions
from serving.app import create_app
from serving.backing import Backing
from serving.desk.desk import DeskOptions
from serving.incoming import Incoming
from serving.journal import Journal
from serving.memory import Memory
from serving.nightly import Order, night
from serving.wiring import Wiring, open_runs, open_store

ROLES = ("officer", "approver", "monitor", "auditor", "scientist")
SECRET = "s" * 40
PAGE = """<!doctype html><div class="sheet">
<main class="in in-en" lang="en">
<h1>The book in June</h1><a href="delinquency.csv">numbers</a>
</main>
<main class="in in-zh" lang="zh-CN">
<h1>六月的贷款组合</h1>
</main>
</div>"""


@dataclass(frozen=True)
class Folders:
    """Where a night, and what `portfolio` wrote, are."""

    root: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.root / 'journal.db'}"


@pytest.fixture(scope="session")
def after_night(book: Book, as_of: int, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The folders that a night over the small book leaves; read only but for the journal of those who copy it."""
    root = tmp_path_factory.mktemp("desk")
    order = Order(book, as_of, models_dir, root / "night", root / "segments", root / "store", workers=1, refresh=False)
    with Journal.open(f"sqlite:///{root / 'journal.db'}", "nightly") as journal:
        night(order, journal)
    (root / "portfolio/rows").mkdir(parents=True)
    (root / "portfolio/index.html").write_text(PAGE, "utf-8")
    (root / "portfolio/delinquency.csv").write_text("as_of,rate\n2023-06-30,0.1\n", "utf-8")
    (root / "portfolio/rows/late_loans.csv").write_text("loan_id\nL1\n", "utf-8")
    return Folders(root)


@pytest.fixture(scope="module")
def place(after_night: Folders, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The same with a journal of the module's own."""
    root = tmp_path_factory.mktemp("mine")
    for name in ("segments", "store", "portfolio"):
        (root / name).symlink_to(after_night.root / name)
    (root / "journal.db").write_bytes((after_night.root / "journal.db").read_bytes())
    return Folders(root)


@pytest.fixture(scope="module")
def backing(place: Folders, keys: dict[str, str]) -> Iterator[Backing]:
    """What stands behind the desk; closed with its application."""
    journal = Journal.open(place.url)
    door = Door(WatchedKeys(Path(keys["file"])), None, Sessions(SECRET), RateLimit(Rate(10_000, 20_000)))
    incoming = Incoming(journal)
    memory = Memory(journal, open_runs(place.root / "segments", journal))
    yield Backing(door, journal, open_store(place.root / "store", incoming), memory, incoming)
    journal.close()


@pytest.fixture(scope="module")
def app(place: Folders, models_dir: Path, backing: Backing) -> Iterator[Any]:
    """The application, its champion read."""
    options = DeskOptions(capacity=20, portfolio=place.root / "portfolio")
    made = create_app(Wiring(models_dir, "standard").service(memory=backing.memory), 60, backing, options)
    with TestClient(made):
        yield made


@pytest.fixture(scope="module")
def sit(app: Any, keys: dict[str, str]) -> Callable[..., TestClient]:
    """A browser signed in with the key of a role; pages that redirect are not followed."""

    def signed_in(role: str = "officer", lang: str = "en") -> TestClient:
        browser = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
        browser.headers["accept-language"] = lang
        if role:
            answer = browser.post("/desk/sign-in", data={"key": keys[role]})
            assert answer.status_code == 303, answer.text
        return browser

    return signed_in


@pytest.fixture(scope="module")
def a_loan(sit: Callable[..., TestClient]) -> str:
    """The loan at the head of the queue."""
    found = re.search(r'href="/desk/loans/(L\d+)"', sit().get("/desk/queue").text)
    assert found is not None
    return found[1]
