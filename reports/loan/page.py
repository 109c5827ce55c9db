"""The report of one loan as HTML: one self-contained page that an officer can read, or its body alone."""

from __future__ import annotations

from collections.abc import Sequence

from reports.formats import LANGS, Lang
from reports.loan.sheet import sheet
from reports.loan.view import LoanView
from reports.pages import environment, page
from reports.wording import Wording, wording


def loan_report(view: LoanView, timezone: str, langs: Sequence[Lang] = LANGS) -> str:
    """The whole page as HTML, in one language or in several with a switch (the first is shown).

    `timezone` is the book's. The page needs nothing from outside: no fonts, scripts, pictures or styles.
    """
    bodies = []
    for lang in langs:
        words = wording(lang, view.loan.currency, timezone)
        bodies.append((words, loan_body(view, words)))
    return page(f"{view.card.loan_id} · Loanwatch", bodies)


def loan_body(view: LoanView, words: Wording, level: int = 1) -> str:
    """The report in one language without the page frame, for a page that has a frame of its own.

    Sections with headings (`level` is the headline's, the others are h2), without ids, styles or scripts; the frame
    brings `reports.pages.stylesheet`.
    """
    told = sheet(view, words)
    return environment().get_template("loan.html.j2").render(mast=told.mast, sections=told.sections, level=level)
