"""The monthly pack as one page: what stands out, then every figure with its definition, chart, table and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from monitoring.portfolio.figures import Pack
from reports.book import curves, tables
from reports.book.figure import Figure, Shade
from reports.formats import LANGS, NOTHING, Lang, count
from reports.pages import environment, page
from reports.wording import Wording, wording

_FIGURES: dict[str, Callable[[Pack, Wording], Figure]] = {
    "delinquency": curves.arrears,
    "roll_balance": partial(tables.rolls, by="balance"),
    "roll_loans": partial(tables.rolls, by="loans"),
    "net_flow": curves.flow,
    "vintages_30": partial(curves.vintage, over=30),
    "vintages_90": partial(curves.vintage, over=90),
    "first_payments_7": partial(curves.firsts, days=7),
    "first_payments_30": partial(curves.firsts, days=30),
    "cures": partial(curves.since, name="cures"),
    "recoveries": partial(curves.since, name="recoveries"),
    "class_shares": tables.classes,
    "class_migration": tables.migration,
    "terms": tables.terms,
    "default_rates": tables.segments,
    "alerts": tables.alerts,
    "collection": tables.collection,
    "tasks": tables.tasks,
    "contacts": tables.contacts,
}


def book_page(pack: Pack, currency: str, timezone: str, langs: Sequence[Lang] = LANGS) -> str:
    """The pack as one self-contained HTML page, in one language or several with a switch."""
    bodies = []
    for lang in langs:
        words = wording(lang, currency, timezone)
        bodies.append((words, book_body(pack, words)))
    return page("Loanwatch", bodies)


def book_body(pack: Pack, words: Wording) -> str:
    """The body of the page in one language, for pages with a frame of their own."""
    drawn = [draw(pack, words) for name, draw in _FIGURES.items() if name in pack.tables]
    missing = [(name, pack.notes[name]) for name in _FIGURES if name in pack.notes and name not in pack.tables]
    template = environment().get_template("book.html.j2")
    return template.render(
        w=words, on=curves.number(pack.on), tiles=tiles(pack, words), lead=lead(pack, words), figures=drawn,
        missing=missing, is_shade=lambda cell: isinstance(cell, Shade),
    )  # fmt: skip


def tiles(pack: Pack, w: Wording) -> list[tuple[str, str, str]]:
    """Name, number and remark of what to look at first."""
    loans = pack.value("delinquency", "denominator", as_of=pack.on, basis="accounts", over=0)
    held = pack.value("delinquency", "denominator", as_of=pack.on, basis="balance", over=0)
    late = pack.value("delinquency", "rate", as_of=pack.on, basis="balance", over=30)
    roll = pack.value("roll_balance", "share", **{"from": "M1", "to": "M2"})
    defaults = pack.value("default_rates", "rate", by="book")
    npl = pack.value("class_shares", "npl_share", as_of=pack.on)
    found = [
        ("tile_loans", NOTHING if loans is None else count(int(loans)), ""),
        ("tile_balance", NOTHING if held is None else w.short_money(held * 100), w.currency_name),
        ("tile_late", w.percent(late), w("book.tile_late_note")),
        ("tile_roll", w.percent(roll), w("book.tile_roll_note")),
        ("tile_defaults", w.percent(defaults), w("book.tile_defaults_note")),
        ("tile_npl", w.percent(npl), w("book.tile_npl_note")),
    ]
    return [(w(f"book.{key}"), number, note) for key, number, note in found if number != NOTHING]


def lead(pack: Pack, w: Wording) -> list[str]:
    """What changed, in sentences."""
    rates = pack.tables["delinquency"].filter(pack.tables["delinquency"]["basis"] == "balance")
    series = rates.filter(rates["over"] == 30).sort("as_of")["rate"].to_list()
    if len(series) < 2 or series[-1] is None or series[-2] is None:
        return []
    change = series[-1] - series[-2]
    key = "steady" if abs(change) < 0.0005 else "worse" if change > 0 else "better"
    said = [w(f"book.lead_{key}", now=w.percent(series[-1]), before=w.percent(series[-2]))]
    year = series[-13] if len(series) > 12 else None
    if year is not None:
        said.append(w("book.lead_year", then=w.percent(year)))
    return said
