"""What the loan is: the headline, its figures and what they mean, where it stands on the scale, the contract."""

from __future__ import annotations

from datetime import date

from reports.blocks import Block, Chart, Facts, Pair, Section, Sub, Table, Text, Tile, Tiles
from reports.formats import NOTHING
from reports.loan.drawings import Drawings
from reports.loan.headline import Headline
from reports.loan.view import LoanView
from reports.wording import Wording

_EPOCH = date(1970, 1, 1)


def headline_of(view: LoanView, w: Wording, head: Headline) -> Section:
    """What a reader sees first: title, what changed, why, what to do."""
    return Section(
        "headline", head.title, (Text(head.sentences), Text(head.to_do, "strong")), tier=view.card.tier or ""
    )


def figures(view: LoanView, w: Wording) -> Section:
    """Probability, tier, grade, class, stage, arrears, principal, expected loss, each with what it means."""
    tiles = [*_score(view, w), *_decided(view, w), *_arrears(view, w)]
    return Section("figures", "", (Tiles(tuple(tiles)),))


def _score(view: LoanView, w: Wording) -> list[Tile]:
    card, lang, found = view.card, w.lang, []
    if card.pd is not None:
        note = w("fact.pd_note", horizon=card.horizon, day=w.day(card.as_of))
        found.append(Tile(w("fact.pd"), w.percent(card.pd), note))
    else:
        since = "" if view.status_on is None else f"{w('fact.since')} {w.day(view.status_on)}"
        found.append(Tile(w("fact.status"), w.name("status", card.status), since))
    if view.tier:
        floor = w.gap + w("floor.any", rule=card.floor[lang]) if card.floor else ""
        apart = view.tier.code == "D" and card.pd is not None
        name = w("headline.state_d") if apart else view.tier.name[lang]
        meaning = w("fact.npl_tier") if apart else view.tier.meaning[lang]
        found.append(Tile(w("fact.tier"), name, meaning + floor, chip=view.tier.code))
    if card.grade is not None:
        found.append(Tile(w("fact.grade"), w("fact.grade_value", grade=card.grade), w("fact.grade_note")))
    return found


def _decided(view: LoanView, w: Wording) -> list[Tile]:
    told, found = view.decision, []
    if told is None:
        return []
    if told.five_class and told.class_name:
        due = w("fact.class_review", day=w.day(day_number(told.class_review_on)))
        meaning = w(f"class_meaning.{told.five_class}") + w.gap + due
        found.append(Tile(w("fact.class"), told.class_name[w.lang], meaning))
    if told.stage:
        meaning = w(f"stage_meaning.{told.stage}") + w.gap + w("fact.stage_note")
        found.append(Tile(w("fact.stage"), w("fact.stage_value", n=told.stage), meaning))
    if told.el is not None:
        found.append(Tile(w("fact.loss"), w.money(told.el), w("fact.loss_note", ead=w.money(told.ead))))
    return found


def _arrears(view: LoanView, w: Wording) -> list[Tile]:
    card = view.card
    dpd = NOTHING if card.dpd is None else w("fact.dpd_none") if card.dpd == 0 else w.plural("units.days", card.dpd)
    return [
        Tile(w("fact.dpd"), dpd, w("fact.dpd_note")),
        Tile(w("fact.exposure"), w.money(card.exposure)),
    ]


def place(view: LoanView, w: Wording, drawn: Drawings) -> Section:
    """Where the loan stands among the tiers, how it came there, and the terms of the contract."""
    left: list[Block] = [Text((w("scale.title"),), "strong"), drawn.scale] if drawn.scale else []
    left += [Sub(w("fact.loan")), Facts(_terms(view, w))]
    if not drawn.scale:
        return Section("place", "", tuple(left))
    return Section("place", "", (Pair(tuple(left), _path(view, w, drawn.path)),))


def _path(view: LoanView, w: Wording, drawing: Chart | None) -> tuple[Block, ...]:
    if drawing is None:
        return (Text((w("path.title"),), "strong"), Text((w("path.none"),), "note"))
    rows = tuple(
        (
            w.day(past.as_of),
            w.percent(past.pd) if past.pd is not None else w.name("status", past.status),
            past.tier or NOTHING,
        )
        for past in reversed(view.points)
    )
    head = (w("path.month"), w("fact.pd"), w("fact.tier"))
    table = Table(head, rows, frozenset({1}), fold=w("path.table"))
    return (Text((w("path.title"),), "strong"), Text((w("path.intro"),), "note"), drawing, table)


def _terms(view: LoanView, w: Wording) -> tuple[tuple[str, str], ...]:
    loan = view.loan
    term = NOTHING if loan.n_instalments is None else w.plural("units.instalments", loan.n_instalments)
    product = w.name("word", loan.product) if loan.product else NOTHING
    return (
        (w("fact.product"), product.replace("_", " ")),
        (w("fact.borrower_type"), w.name("borrower_type", loan.borrower_type)),
        (w("fact.principal"), w.money(loan.principal)),
        (w("fact.rate"), w.percent(loan.annual_rate)),
        (w("fact.repayment"), w.name("repayment_type", loan.repayment_type)),
        (w("fact.term"), term),
        (w("fact.disbursed"), w.day(loan.disbursed_on)),
        (w("fact.maturity"), w.day(loan.maturity_on)),
        (w("fact.months_on_book"), w.plural("units.months", loan.months_on_book)),
    )


def day_number(iso: str) -> int | None:
    """Days since 1970-01-01 of an ISO date; None for anything else."""
    try:
        return (date.fromisoformat(iso) - _EPOCH).days
    except ValueError:
        return None
