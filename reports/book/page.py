"""The monthly pack as one page: what stands out, then every figure with its definition, chart, table and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import polars as pl

from monitoring.kris.limits import TRIPPED, UNKNOWN
from monitoring.portfolio.figures import Pack
from policy.vocabulary import FIGURES
from reports.book import curves, decided, tables
from reports.book.figure import Figure, Shade, listed
from reports.formats import LANGS, NOTHING, Lang, count
from reports.pages import environment, page
from reports.wording import Wording, wording

_FIGURES: dict[str, Callable[[Pack, Wording], Figure]] = {
    "kris": decided.kris,
    "delinquency": curves.arrears,
    "late_rates": partial(tables.segments, name="late_rates", hits="late", loans="rows/late_loans.csv"),
    "roll_balance": partial(tables.rolls, by="balance"),
    "roll_loans": partial(tables.rolls, by="loans"),
    "net_flow": curves.flow,
    "vintages_30": partial(curves.vintage, over=30),
    "vintages_90": partial(curves.vintage, over=90),
    "first_payments_7": partial(curves.firsts, days=7),
    "first_payments_30": partial(curves.firsts, days=30),
    "first_payment_rates": partial(
        tables.segments, name="first_payment_rates", hits="failed", loans="rows/first_payments_30.csv"
    ),
    "cures": partial(curves.since, name="cures"),
    "recoveries": partial(curves.since, name="recoveries"),
    "class_shares": decided.classes,
    "class_migration": decided.migration,
    "tier_moves": decided.tiers,
    "terms": tables.terms,
    "default_rates": partial(tables.segments, name="default_rates", hits="defaults", loans="rows/defaults.csv"),
    "alerts": decided.alerts,
    "queue": decided.queue,
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
        w=words, on=curves.number(pack.on), level=level(pack), tiles=tiles(pack, words),
        lead=lead(pack, words), figures=drawn, missing=missing, is_shade=lambda cell: isinstance(cell, Shade),
    )  # fmt: skip


def level(pack: Pack) -> str:
    """The mark of the headline, as that of a tier: by the gravest limit that is passed."""
    passed = set(pack.tables["kris"].filter(state=TRIPPED)["severity"].to_list())
    return next((mark for severity, mark in (("R", "T5"), ("O", "T4"), ("Y", "T3")) if severity in passed), "T1")


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
    """What changed, and which limits are passed, in sentences."""
    return [*_arrears(pack, w), *_limits(pack, w)]


def _limits(pack: Pack, w: Wording) -> list[str]:
    """How many indicators are beyond their limit, and which."""
    found = pack.tables["kris"]
    beyond, known = found.filter(state=TRIPPED), found.filter(pl.col("state") != UNKNOWN)
    counts = {"n": count(len(beyond)), "known": count(len(known)), "all": count(len(found))}
    if beyond.is_empty():
        return [w("book.lead_within", **counts)]
    names = [FIGURES[row["figure"] or row["asks"].split()[0]].label[w.lang] for row in beyond.to_dicts()]
    return [w("book.lead_beyond", names=listed(w, dict.fromkeys(names)), **counts)]


def _arrears(pack: Pack, w: Wording) -> list[str]:
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
