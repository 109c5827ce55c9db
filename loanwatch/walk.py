"""The steps of the demo, each with its progress bar, into one folder that appears when all is done."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from book.check.book import check_book
from book.errors import Refused
from book.load import Book, open_book
from book.sources.simulate import Plan, simulate
from loanwatch import __version__
from loanwatch.console import progress, say
from loanwatch.example_request import example_request
from loanwatch.latest_month import last_month_end
from loanwatch.loan_pages import LoanPages, file_name, find_loan
from loanwatch.promote import moment_and_user
from loanwatch.score import show
from loanwatch.signposts import Signposts
from loanwatch.start_page import Choice, book_view, choose, read_scores
from loanwatch.walk_state import state_of_book, state_of_model
from models.bundle import Bundle
from models.opening import load_bundle
from policy.pack import load_pack
from reports.index import index_page
from serving.batch import champion_folder, context_beside, score_book
from serving.journal import Journal
from serving.nightly import Order, night
from serving.scorer import Scorer
from serving.whole import whole_folder
from training.evidence import REPORT, evidence_folder
from training.promote import promote
from training.release import release
from training.train import train
from training.validate import validate

MARKER, JOURNAL = "demo.json", "journal.db"
PARTS_OF_NIGHT, CAPACITY = 2, 200
NOBODY = ("demo, no person", "a demonstration must serve something; nobody has approved this model")

_DAY_0 = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Walk:
    """One demo: the folder `out`, the lender's own `book` or None, and what to simulate in its place."""

    out: Path
    book: Path | None
    loans: int
    months: int
    seed: int

    def go(self) -> None:
        """Run all steps and say where everything is. A failed run leaves `out` as it was.

        Raises Refusal where `out` holds other files, or the book is refused or too short to learn from.
        """
        start = time.monotonic()
        with whole_folder(self.out, MARKER) as folder:
            if self.book:
                say(f"1/8 Taking the book {self.book}")
            opened = open_book(self.book or self._simulate(folder / "book"))
            self._check(opened, folder / "check")
            bundle = self._train(opened, folder / "models")
            as_of = last_month_end(opened)
            self._score(opened, as_of, folder)
            self._night(opened, as_of, folder)
            self._state(opened, as_of, folder)
            links, request = self._report(opened, as_of, folder)
            loan = next((choice.loan_id for choice in links.values()), "LOAN")
            posts = Signposts(self.out, self.book, as_of, loan, request)
            self._start_page(opened, folder, bundle, links, posts)
        posts.tell(time.monotonic() - start)

    def _simulate(self, folder: Path) -> Path:
        with progress("1/8 Simulating the book") as step:
            return simulate(Plan(loans=self.loans, months=self.months, seed=self.seed), folder, step)

    def _check(self, opened: Book, folder: Path) -> None:
        with progress("2/8 Checking the book") as step:
            found = check_book(opened, folder, step)
        if found.refused:
            raise Refused(found)

    def _train(self, opened: Book, folder: Path) -> Bundle:
        with progress("3/8 Training the model") as step:
            result = train(opened, steps=lambda _: step)
            checked = validate(result, opened, folder, steps=lambda _: step)
            result = release(result, folder, validation=checked)
            at, by = moment_and_user()
            approver, reason = ("", "") if checked.status == "pass" else NOBODY
            promote(folder, result.bundle.id, at, by, approver, reason)
        say(f"      model {result.bundle.id[:16]}, registered as {result.registered}")
        if approver:
            say(f"      gates: {checked.status}; promoted by the {approver}: {reason}")
        return result.bundle

    def _score(self, opened: Book, as_of: int, folder: Path) -> None:
        with progress("4/8 Scoring the latest month") as step:
            summary = score_book(opened, as_of, folder / "models", folder / "scores", load_pack(), step)
        show(summary, _iso(as_of), opened.settings.currency)

    def _night(self, opened: Book, as_of: int, folder: Path) -> None:
        """A night over the first parts of the book, so that the desk has a queue, alerts and reports to show."""
        some = replace(opened, parts=opened.parts[:PARTS_OF_NIGHT])
        models, out, segments, store = (folder / name for name in ("models", "night", "segments", "store"))
        order = Order(some, as_of, models, out, segments, store, capacity=CAPACITY, refresh=False)
        with (
            progress("5/8 A night for the desk") as step,
            Journal.open(f"sqlite:///{folder / JOURNAL}", "nightly") as journal,
        ):
            night(order, journal, lambda _, done, of: step(done, of))

    def _state(self, opened: Book, as_of: int, folder: Path) -> None:
        """The pages on the state of the model and of the book that the desk shows."""
        with progress("6/8 State of the model and of the book") as step:
            state_of_model(opened, as_of, folder / "models", folder / "monitor", step)
            state_of_book(opened, as_of, folder, CAPACITY, step)

    def _report(self, opened: Book, as_of: int, folder: Path) -> tuple[dict[str, Choice], bool]:
        """Pages on chosen loans, and a request: addresses of the pages, whether there is a request."""
        chosen = choose(read_scores(folder / "scores"))
        (folder / "reports").mkdir()
        scorer = Scorer(
            load_bundle(champion_folder(folder / "models")),
            load_pack(),
            opened.settings,
            context=context_beside(folder / "models"),
        )
        pages, links, text = LoanPages(scorer, opened.hash(), _next_morning(as_of, opened.settings.timezone)), {}, None
        with progress("7/8 Writing loan reports") as step:
            for done, choice in enumerate(chosen, 1):
                part, tables, at = find_loan(opened, choice.loan_id)
                address = f"reports/{file_name(choice.loan_id)}"
                (folder / address).write_text(pages.page(tables, at, as_of), "utf-8")
                links[address] = choice
                text = example_request(opened, part, choice.loan_id, as_of) or text
                step(done, len(chosen))
        if text is not None:
            (folder / "request.json").write_text(text, "utf-8")
        return links, text is not None

    def _start_page(
        self, opened: Book, folder: Path, bundle: Bundle, links: dict[str, Choice], posts: Signposts
    ) -> None:
        with progress("8/8 Writing the start page") as step:
            scores, settings = read_scores(folder / "scores"), opened.settings
            report = (evidence_folder(folder / "models", bundle.id) / REPORT).relative_to(folder).as_posix()
            view = book_view(scores, posts.as_of, bundle, load_pack(), settings, links, posts, report)
            (folder / "index.html").write_text(index_page(view), "utf-8")
            facts = {"software": __version__, "as_of": _iso(posts.as_of), "model": bundle.id}
            (folder / MARKER).write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
            step(1, 1)


def _next_morning(day: int, zone: str) -> datetime:
    """10 o'clock of the day after: when the officers who read the reports ask whom they may call."""
    return datetime.combine(date.fromordinal(_DAY_0 + day + 1), clock(10), ZoneInfo(zone))


def _iso(day: int) -> str:
    return str(np.datetime64(day, "D"))
