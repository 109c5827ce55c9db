"""The report of one loan: one self-contained page that an officer can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.bars import effect_bar
from reports.charts.cashflow import cashflow, has_cut
from reports.charts.tiers import pd_path, tier_scale
from reports.charts.timeline import timeline
from reports.formats import LANGS, Lang
from reports.loan.headline import headline
from reports.loan.view import LoanView, PastScore
from reports.pages import environment, page
from reports.wording import Wording, wording

_WIDE, _HALF, _NARROW = 920, 440, 340
_SHOWN = {_WIDE: 30, _NARROW: 12}


@dataclass(frozen=True)
class Charts:
    """The charts of a page; each is drawn wide and narrow, and the style sheet shows one of the two.

    `points` are the scores that `path` draws.
    """

    scale: Markup | None
    path: Markup | None
    points: tuple[PastScore, ...]
    timeline: Markup | None
    cashflow: Markup | None
    largest: float
    words: Wording

    def effect(self, contribution: float) -> Markup:
        """The bar of one reason, on the scale of the largest reason of the page."""
        return effect_bar(contribution, self.largest, self.words.times(contribution))


def loan_report(view: LoanView, timezone: str, langs: Sequence[Lang] = LANGS) -> str:
    """The whole page as HTML, in one language or in several with a switch (the first is shown).

    `timezone` is the book's. The page needs nothing from outside: no fonts, scripts, pictures or styles.
    """
    bodies = []
    for lang in langs:
        words = wording(lang, view.loan.currency, timezone)
        bodies.append((words, loan_body(view, words)))
    return page(f"{view.card.loan_id} · Loanwatch", bodies)


def loan_body(view: LoanView, words: Wording) -> str:
    """The report in one language without the page frame, for a page that has a frame of its own."""
    template = environment().get_template("loan.html.j2")
    return template.render(view=view, w=words, cut=has_cut, charts=charts_of(view, words), head=headline(view, words))


def charts_of(view: LoanView, words: Wording) -> Charts:
    """The charts of a view in one language; None where there is nothing to draw."""
    card = view.card
    scored = card.pd is not None
    past = (*card.past, PastScore(card.as_of, card.status, card.pd, card.tier))
    return Charts(
        scale=_both([tier_scale(card.pd, view.cuts, words, w) for w in (_HALF, _NARROW)])
        if card.pd is not None
        else None,
        path=_both([pd_path(past[-13:], view.cuts, words, w) for w in (_HALF, _NARROW)])
        if sum(point.pd is not None for point in past) > 1 and scored
        else None,
        points=past[-13:],
        timeline=_both([timeline(view.instalments[-n:], words, w) for w, n in _SHOWN.items()])
        if view.instalments
        else None,
        cashflow=_both([cashflow(view.cash[-n:], words, w) for w, n in ((_WIDE, 24), (_NARROW, 12))])
        if view.cash
        else None,
        largest=max((abs(reason.contribution) for reason in view.reasons), default=0.0),
        words=words,
    )


def _both(drawings: Sequence[Markup]) -> Markup:
    return Markup("").join(drawings)
