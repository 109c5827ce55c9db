"""How the loan was paid: instalment by instalment, earlier years summed up, and by two states of knowledge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from reports.blocks import Block, Section, Sub, Table, Text, section
from reports.formats import NOTHING, count, to_date
from reports.loan.drawings import Drawings
from reports.loan.headline import Headline
from reports.loan.view import InstalmentView, LoanView, Twice
from reports.wording import Wording

SHOWN = 24
"""Instalments told one by one; earlier ones are summed up by year."""
_AGREEING = 6  # instalments shown twice where both states of knowledge agree
_SIDES = ("paid", "settled_on", "days_late")


def repayment(view: LoanView, w: Wording, drawn: Drawings, head: Headline) -> Section:
    """Instalments whose due date has passed, newest first."""
    title = w("timeline.title")
    if not view.instalments:
        return Section("repayment", title, (Text((w("timeline.empty"),), "note"),))
    intro = w("timeline.intro", day=w.day(view.card.as_of)) + w.gap + head.repayment
    latest, earlier = view.instalments[-SHOWN:], view.instalments[:-SHOWN]
    fold = w("timeline.latest", n=count(len(latest))) if earlier else w("timeline.table")
    blocks: list[Block | None] = [
        Text((intro,), "intro"),
        drawn.timeline,
        _instalments(latest, w, fold),
        _years(earlier, w) if earlier else None,
        *(_twice(view.twice, w) if view.twice else []),
    ]
    return section("repayment", title, blocks)


def _instalments(shown: Sequence[InstalmentView], w: Wording, fold: str) -> Table:
    rows = tuple(
        (
            *(str(i.no), w.day(i.due_on), w.amount(i.due), w.amount(i.paid), w.day(i.settled_on)),
            *(NOTHING if i.days_late is None else count(i.days_late), w(f"mark.{i.mark}")),
        )
        for i in reversed(shown)
    )
    strong = frozenset(k for k, i in enumerate(reversed(shown)) if i.mark in ("open", "part"))
    names = [w(f"timeline.{name}") for name in ("due_on", "due", "paid", "settled_on", "days_late", "state")]
    names[1:3] = [w.in_currency(name) for name in names[1:3]]
    return Table(("#", *names), rows, frozenset({0, 2, 3, 5}), strong, fold)


def _years(earlier: Sequence[InstalmentView], w: Wording) -> Table:
    by_year: dict[int, list[InstalmentView]] = defaultdict(list)
    for one in earlier:
        by_year[to_date(one.due_on).year].append(one)
    rows = []
    for year, held in sorted(by_year.items(), reverse=True):
        late = sum(one.mark in ("late", "open", "part") for one in held)
        worst = max((one.days_late for one in held if one.days_late is not None), default=None)
        rows.append(
            (
                str(year),
                count(len(held)),
                w.amount(sum(one.due for one in held)),
                w.amount(sum(one.paid for one in held)),
                count(late),
                NOTHING if worst is None else count(max(worst, 0)),
            )
        )
    money = [w.in_currency(w(f"timeline.{name}")) for name in ("due", "paid")]
    head = (w("timeline.year"), w("timeline.instalments"), *money, w("timeline.late_count"), w("timeline.worst_days"))
    return Table(head, tuple(rows), frozenset({1, 2, 3, 4, 5}), fold=w("timeline.earlier"))


def _twice(told: Twice, w: Wording) -> list[Block]:
    """The same instalments as known at two cut-offs, side by side; those that differ stand out."""
    moments = {"then": w.moment(told.then), "now": w.moment(told.now)}
    differing = told.differing
    said = [w("twice.intro", day=w.day(told.as_of), **moments)]
    said.append(w("twice.differ", n=w.plural("units.instalments", len(differing))) if differing else w("twice.same"))
    beside = SHOWN if differing else _AGREEING
    chosen = sorted({*range(max(len(told.pairs) - beside, 0), len(told.pairs)), *differing}, reverse=True)
    if not chosen:
        return []
    rows: list[tuple[str, ...]] = []
    strong: set[int] = set()
    for k in chosen:
        then, now = told.pairs[k]
        one = now or then
        if one is None:
            continue
        strong |= {len(rows)} if k in differing else set()
        mark = w("twice.differs" if k in differing else "twice.equal")
        rows.append((str(one.no), w.day(one.due_on), *_side(then, w), *_side(now, w), mark))
    heads = [w(f"timeline.{name}") for name in _SIDES]
    heads[0] = w.in_currency(heads[0])
    sides = [f"{name}{w.gap}({w(f'twice.{when}')})" for when in ("then", "now") for name in heads]
    head = ("#", w("timeline.due_on"), *sides, w("twice.mark"))
    table = Table(
        head, tuple(rows), frozenset({0, 2, 4, 5, 7}), frozenset(strong), "" if differing else w("twice.table")
    )
    return [Sub(w("twice.title")), Text(tuple(said), "note"), table]


def _side(one: InstalmentView | None, w: Wording) -> tuple[str, str, str]:
    if one is None:
        return (NOTHING,) * 3
    late = NOTHING if one.days_late is None else count(one.days_late)
    return w.amount(one.paid), w.day(one.settled_on), late
