"""The end of a report: the data behind it, how to appeal, what it takes to repeat the score, words explained."""

from __future__ import annotations

from reports.blocks import Block, Bullets, Facts, Pair, Section, Sub, Table, Terms, Text
from reports.formats import NOTHING, count
from reports.glossary import terms
from reports.loan.headline import Headline
from reports.loan.view import LoanView
from reports.wording import Wording

_WORDS = (
    *("pd", "default", "odds", "tier", "state_d", "class", "stage", "dpd", "exposure", "typical", "start", "known"),
    *("cover", "alert", "ability", "guard", "journal"),
)
_VERSIONS = ("bundle", "pack", "features", "context", "book", "software")


def data(view: LoanView, w: Wording, head: Headline) -> Section:
    """Which tables were there and how fresh, what is missing, which rules could not be asked."""
    rows = tuple(
        (
            w.name("tables", feed.table),
            NOTHING if feed.rows is None else count(feed.rows),
            w("data.absent") if feed.rows is None else w("data.empty") if feed.rows == 0 else w.day(feed.latest_on),
        )
        for feed in view.feeds
    )
    table = Table((w("data.table"), w("data.rows"), w("data.latest")), rows, frozenset({1}))
    left: tuple[Block, ...] = (Text((w("data.intro", day=w.day(view.card.as_of)),), "intro"), table)
    gaps: Block = Bullets(head.gaps) if head.gaps else Text((w("data.no_gaps"),), "note")
    right: tuple[Block, ...] = (Sub(w("data.gaps")), gaps)
    unasked = view.decision.unasked if view.decision else ()
    if unasked:
        names = tuple((one[w.lang],) for one in unasked)
        right += (
            Sub(w("data.unasked")),
            Text((w("data.unasked_note"),), "note"),
            Table((w("do.source"),), names, fold=f"{w('data.unasked_table')} ({count(len(unasked))})"),
        )
    return Section("data", w("data.title"), (Pair(left, right),))


def contest(view: LoanView, w: Wording) -> Section:
    """How to correct facts, decide otherwise and appeal; everything needed to repeat the score."""
    said = tuple(w(f"contest.{key}") for key in ("advisory", "check", "correct", "override", "borrower"))
    steps = tuple(w(f"contest.{key}") for key in ("step_facts", "step_review", "step_answer"))
    card, versions = view.card, view.versions
    held = [
        (w("versions.score_id"), versions.score_id or w("versions.no_score_id")),
        (w("versions.as_of"), w.day(card.as_of)),
        (w("versions.cutoff"), w.moment(card.cutoff)),
        *((w(f"versions.{key}"), str(getattr(versions, key)) or w("versions.none")) for key in _VERSIONS),
    ]
    left: tuple[Block, ...] = (Bullets(said), Sub(w("contest.how")), Text(steps))
    right: tuple[Block, ...] = (Text((w("versions.title"),), "strong"), Facts(tuple(held), code=True))
    return Section("contest", w("contest.title"), (Pair(left, right),))


def words(w: Wording) -> Section:
    """Every word that needs explaining."""
    told = tuple((term.word, term.text) for term in terms(w.lang, _WORDS))
    return Section("glossary", w("page.glossary"), (Terms(told),))
