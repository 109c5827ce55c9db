"""The content of a loan's report in one language: what the page and the sheet of paper both say."""

from __future__ import annotations

from dataclasses import dataclass

from reports.blocks import Section
from reports.loan.drawings import drawings
from reports.loan.headline import headline
from reports.loan.sections.acting import doing
from reports.loan.sections.elsewhere import elsewhere
from reports.loan.sections.ending import contest, data, words
from reports.loan.sections.money import money
from reports.loan.sections.reasons import moving, why
from reports.loan.sections.repayment import repayment
from reports.loan.sections.standing import figures, headline_of, place
from reports.loan.view import LoanView
from reports.wording import Wording


@dataclass(frozen=True)
class Sheet:
    """`mast` says what the report is about, `sections` what it says."""

    mast: tuple[str, ...]
    sections: tuple[Section, ...]


def sheet(view: LoanView, w: Wording) -> Sheet:
    """The report of a loan in the language of `w`."""
    card, head, drawn = view.card, headline(view, w), drawings(view, w)
    found: list[Section | None] = [
        headline_of(view, w, head),
        figures(view, w),
        doing(view, w),
        moving(view, w),
        place(view, w, drawn),
        why(view, w, drawn),
        repayment(view, w, drawn, head),
        money(view, w, drawn),
        *elsewhere(view, w),
        data(view, w, head),
        contest(view, w),
        words(w),
    ]
    mast = (
        w("page.kind"),
        w("page.loan", loan=card.loan_id),
        w("page.borrower", borrower=card.borrower_id[:12]),
        w("page.as_of", day=w.day(card.as_of)),
    )
    return Sheet(mast, tuple(one for one in found if one is not None))
