"""Why: what moved the score since last time, and the reasons with the rows behind them."""

from __future__ import annotations

from dataclasses import replace

from reports.blocks import Block, Reason, Reasons, Section, Sub, Table, Text, section
from reports.formats import NOTHING
from reports.loan.drawings import Drawings
from reports.loan.sections.writing import table_of
from reports.loan.view import LoanView, MoveCard, ReasonView
from reports.wording import Wording

_SMALL = 0.01  # log-odds: one per cent of the odds; smaller moves are summed up in one row
_NOTHING = 0.0005


def moving(view: LoanView, w: Wording) -> Section | None:
    """What moved the score since last time, exactly, by group of facts; None for a loan without a probability."""
    card = view.card
    if card.pd is None:
        return None
    if card.move is None:
        return Section("moved", w("move.title"), (Text((w("move.none"),), "note"),))
    move = card.move
    said = [w(f"move.{move.source}", day=w.day(move.since))]
    if move.before is not None:
        said.append(w("move.pd", before=w.percent(move.before), now=w.percent(card.pd)))
    else:
        said.append(w("move.pd_now", now=w.percent(card.pd)))
    blocks = (Text((w.gap.join(said),), "intro"), _shifts(move, w), Text((w("move.exact"),), "note"))
    return Section("moved", w("move.title"), blocks)


def _shifts(move: MoveCard, w: Wording) -> Table:
    named = [one for one in move.shifts if abs(one[2]) >= _SMALL]
    rest = move.change - sum(change for _, _, change in named)
    rows = [(label[w.lang], text[w.lang] if text else NOTHING, w.times(change)) for label, text, change in named]
    if abs(rest) >= _NOTHING:
        rows.append((w("move.rest"), NOTHING, w.times(rest)))
    rows.append((w("move.total"), "", w.times(move.change)))
    head = (w("move.family"), w("move.what"), w("move.effect"))
    return Table(head, tuple(rows), frozenset({2}), frozenset({len(rows) - 1}))


def why(view: LoanView, w: Wording, drawn: Drawings) -> Section | None:
    """The reasons, those that raise the risk first, each with the rows that made its value."""
    card = view.card
    if card.pd is None:
        return None
    blocks: list[Block | None] = [Text((w("why.intro", start=w.percent(card.start_pd)),), "intro")]
    for sign, name in ((1, "adverse"), (-1, "protective")):
        held = [one for one in view.reasons if one.contribution * sign > 0]
        blocks.append(Sub(w(f"why.{name}")))
        if held:
            blocks.append(Reasons(tuple(_reason(one, w, drawn) for one in held)))
        else:
            blocks.append(Text((w(f"why.none_{name}"),), "note"))
    notes = [w("why.family_note"), *([card.calibration[w.lang]] if card.calibration else [])]
    blocks += [Text(tuple(notes), "note"), _families(view, w)]
    return section("why", w("why.title"), blocks)


def _families(view: LoanView, w: Wording) -> Table | None:
    if not view.card.families:
        return None
    ordered = sorted(view.card.families, key=lambda one: -one[1])
    rows = tuple((label[w.lang], w.times(contribution)) for label, contribution in ordered)
    return Table((w("why.family"), w("why.effect")), rows, frozenset({1}), fold=w("why.all"))


def _reason(one: ReasonView, w: Wording, drawn: Drawings) -> Reason:
    lang = w.lang
    typical = f"{w('why.value')}: {one.value[lang]} · {w('why.typical')}: {one.typical[lang]} · {one.family[lang]}"
    doubt = w(f"why.{one.doubt}_{'adverse' if one.contribution > 0 else 'protective'}") if one.doubt else ""
    rows = table_of(one.behind, w, w("behind.fold")) if one.behind is not None else None
    rows = replace(rows, name=one.feature[lang]) if rows else None
    none = w("behind.none") if one.behind is not None and rows is None else ""
    return Reason(
        one.feature[lang], typical, drawn.effect(one.contribution), w.times(one.contribution), doubt, rows, none
    )
