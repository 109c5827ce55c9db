"""The report of one loan as PDF: the content of the page, on A4."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from book.errors import Refusal
from reports.charts.cashflow import has_cut
from reports.formats import NOTHING, Lang, count
from reports.loan.headline import Headline, headline
from reports.loan.page import Charts, charts_of
from reports.loan.view import LoanView, ReasonView
from reports.paper.ink import colour, printed
from reports.wording import Wording, wording

_LATE = ("late-0", "late-1", "late-8", "late-31", "late-61")
_GLOSSARY = ("pd", "default", "odds", "dpd", "tier", "typical", "start", "known")
_VERSIONS = ("bundle", "pack", "features", "book", "software")
Plain = dict[str, Any]


def loan_pdf(view: LoanView, timezone: str, lang: Lang) -> bytes:
    """The report as a PDF with its fonts inside, in one language; the same bytes for the same view.

    Raises Refusal where the extra `pdf` is not installed.
    """
    compiler, template = _typesetter()
    words = wording(lang, view.loan.currency, timezone)
    inputs = {"data": json.dumps(content(view, words), ensure_ascii=False)}
    made = compiler.compile(input=template, format="pdf", sys_inputs=inputs, timestamp=0)
    return bytes(made)


@cache
def _typesetter() -> tuple[Any, bytes]:
    try:
        import pylopdf_fonts_zh_cn
        import typst
    except ImportError as error:
        raise Refusal(f"a PDF needs the extra `pdf`: pip install 'loanwatch[pdf]' ({error.name} is missing)") from None
    fonts = str(Path(pylopdf_fonts_zh_cn.__file__).parent)
    template = resources.files("reports").joinpath("paper", "loan.typ").read_bytes()
    compiler = typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False, font_paths=[fonts]))
    return compiler, template


def content(view: LoanView, w: Wording) -> Plain:
    """Everything the sheet says, as texts and drawings; what the page folds away is left to the page."""
    head, charts, card = headline(view, w), charts_of(view, w), view.card
    boxes = [_facts(view, w, charts), *([_why(view, w, charts)] if card.pd is not None else [])]
    boxes += [_repayment(view, w, charts, head), _cash(view, w, charts), _data(view, w, head), _contest(view, w)]
    return {
        "title": f"{card.loan_id} · Loanwatch",
        "lang": "zh" if w.lang == "zh" else "en",
        "footer": f"Loanwatch · {w('page.loan', loan=card.loan_id)} · {w('page.as_of', day=w.day(card.as_of))}",
        "mast": [
            "Loanwatch",
            w("page.kind"),
            w("page.loan", loan=card.loan_id),
            w("page.borrower", borrower=card.borrower_id[:12]),
            w("page.as_of", day=w.day(card.as_of)),
        ],
        "tier": card.tier or "",
        "headline": head.title,
        "lead": list(head.sentences),
        "tiles": _tiles(view, w),
        "boxes": [
            *boxes,
            _box(
                w("glossary.title"),
                parts=[_lines(f"{w('glossary.' + k)}: {w(f'glossary.{k}_text')}" for k in _GLOSSARY)],
            ),
        ],
    }


def _box(
    title: str, intro: str = "", charts: Sequence[str] = (), key: Sequence[Any] = (), parts: Sequence[Plain] = ()
) -> Plain:
    return {"title": title, "intro": intro, "charts": [c for c in charts if c], "key": list(key), "parts": list(parts)}


def _part(title: str = "", lines: Iterable[str] = (), **more: Any) -> Plain:
    return {"title": title, "lines": list(lines), "reasons": [], "rows": [], "head": [], "numbers": [], **more}


def _lines(lines: Iterable[str]) -> Plain:
    return _part(lines=lines)


def _tiles(view: LoanView, w: Wording) -> list[Plain]:
    card, lang = view.card, w.lang
    found: list[tuple[str, str, str]] = []
    if card.pd is not None:
        note = w("fact.pd_note", horizon=card.horizon, day=w.day(card.as_of))
        found.append((w("fact.pd"), w.percent(card.pd), note))
    else:
        since = "" if view.status_on is None else f"{w('fact.since')} {w.day(view.status_on)}"
        found.append((w("fact.status"), w.name("status", card.status), since))
    if view.tier:
        floor = w.gap + w("floor.any", rule=card.floor[lang]) if card.floor else ""
        found.append((w("fact.tier"), f"{view.tier.code} {view.tier.name[lang]}", view.tier.meaning[lang] + floor))
    if card.grade is not None:
        found.append((w("fact.grade"), w("fact.grade_value", grade=card.grade), w("fact.grade_note")))
    dpd = NOTHING if card.dpd is None else w("fact.dpd_none") if card.dpd == 0 else w.plural("units.days", card.dpd)
    found += [(w("fact.dpd"), dpd, w("fact.dpd_note")), (w("fact.exposure"), w.money(card.exposure), "")]
    if view.tier:
        found.append((w("fact.review"), "", view.tier.review[lang]))
    return [{"name": name, "value": value, "note": note} for name, value, note in found]


def _facts(view: LoanView, w: Wording, charts: Charts) -> Plain:
    loan = view.loan
    term = NOTHING if loan.n_instalments is None else w.plural("units.instalments", loan.n_instalments)
    rows = [
        (w("fact.product"), loan.product.replace("_", " ")),
        (w("fact.borrower_type"), w.name("borrower_type", loan.borrower_type)),
        (w("fact.principal"), w.money(loan.principal)),
        (w("fact.rate"), w.percent(loan.annual_rate)),
        (w("fact.repayment"), w.name("repayment_type", loan.repayment_type)),
        (w("fact.term"), term),
        (w("fact.disbursed"), w.day(loan.disbursed_on)),
        (w("fact.maturity"), w.day(loan.maturity_on)),
        (w("fact.months_on_book"), w.plural("units.months", loan.months_on_book)),
    ]
    drawn = [printed(charts.scale, "w440"), printed(charts.path, "w440")]
    return _box(w("fact.loan"), charts=drawn, parts=[_lines([" · ".join(f"{a}: {b}" for a, b in rows)])])


def _why(view: LoanView, w: Wording, charts: Charts) -> Plain:
    card = view.card
    parts = []
    for sign, name in ((1, "adverse"), (-1, "protective")):
        held = [r for r in view.reasons if r.contribution * sign > 0]
        none = [] if held else [w(f"why.none_{name}")]
        parts.append(_part(w(f"why.{name}"), none, reasons=[_reason(r, w, charts) for r in held]))
    end = [w("why.family_note"), *([card.calibration[w.lang]] if card.calibration else [])]
    parts.append(_lines(end))
    if card.move:
        rows = [(label[w.lang], text[w.lang], w.times(change)) for label, text, change in card.move.shifts]
        said = w("why.moved_intro", effect=w.times(card.move.change))
        head = [w("why.family"), w("why.moved_what"), w("why.effect")]
        parts.append(_part(w("why.moved", day=w.day(card.move.since)), [said], rows=rows, head=head, numbers=[2]))
    return _box(w("why.title"), w("why.intro", start=w.percent(card.start_pd)), parts=parts)


def _reason(r: ReasonView, w: Wording, charts: Charts) -> Plain:
    lang = w.lang
    values = f"{w('why.value')}: {r.value[lang]} · {w('why.typical')}: {r.typical[lang]} · {r.family[lang]}"
    doubt = (
        f"{w.gap or ' '}{w(f'why.{r.doubt}_' + ('adverse' if r.contribution > 0 else 'protective'))}" if r.doubt else ""
    )
    bar = printed(charts.effect(r.contribution), "bar")
    return {"said": r.feature[lang], "values": values + doubt, "bar": bar, "factor": w.times(r.contribution)}


def _repayment(view: LoanView, w: Wording, charts: Charts, head: Headline) -> Plain:
    if not view.instalments:
        return _box(w("timeline.title"), w("timeline.empty"))
    names = {"late-0": "on_time"}
    key = [(colour(n), w(f"legend.{n}")) for n in ("due", "paid")]
    key += [(colour(n), w(f"legend.{names.get(n, n.replace('-', '_'))}")) for n in _LATE]
    rows = [
        (
            *(str(i.no), w.day(i.due_on), w.money(i.due), w.money(i.paid), w.day(i.settled_on)),
            *(NOTHING if i.days_late is None else str(i.days_late), w(f"mark.{i.mark}")),
        )
        for i in view.instalments[::-1][:12]
    ]
    columns = ("due_on", "due", "paid", "settled_on", "days_late", "state")
    table = _part(rows=rows, head=["#", *(w(f"timeline.{c}") for c in columns)], numbers=[0, 2, 3, 5])
    intro = w("timeline.intro", day=w.day(view.card.as_of)) + w.gap + head.repayment
    return _box(w("timeline.title"), intro, [printed(charts.timeline, "w920")], key, [table])


def _cash(view: LoanView, w: Wording, charts: Charts) -> Plain:
    if not view.cash:
        return _box(w("cash.title"), w("cash.absent" if view.cash is None else "cash.none"))
    said = [w("cash.intro")]
    said += [w("cash.cut")] if has_cut(view.cash) else []
    said += [] if view.cash_in_model else [w("cash.not_in_model")]
    key = [(colour(n), w(f"legend.{n.replace('-', '_')}")) for n in ("inflow", "outflow", "due-day")]
    rows = [
        (
            *(w.month(m.month_end), w.money(m.inflow), w.money(m.outflow), w.money(m.inflow - m.outflow)),
            *(w.money(m.balance), w.money(m.due) if m.due_on else NOTHING),
        )
        for m in view.cash[::-1][:6]
    ]
    head = [w(f"cash.{c}") for c in ("month", "inflow", "outflow", "net", "balance", "due")]
    table = _part(rows=rows, head=head, numbers=[1, 2, 3, 4, 5])
    return _box(w("cash.title"), w.gap.join(said), [printed(charts.cashflow, "w920")], key, [table])


def _data(view: LoanView, w: Wording, head: Headline) -> Plain:
    rows = [
        (
            w.name("tables", feed.table),
            NOTHING if feed.rows is None else count(feed.rows),
            w("data.absent") if feed.rows is None else w("data.empty") if feed.rows == 0 else w.day(feed.latest_on),
        )
        for feed in view.feeds
    ]
    table = _part(rows=rows, head=[w("data.table"), w("data.rows"), w("data.latest")], numbers=[1])
    gaps = _part(w("data.gaps"), [f"• {gap}" for gap in head.gaps] or [w("data.no_gaps")])
    return _box(w("data.title"), w("data.intro", day=w.day(view.card.as_of)), parts=[table, gaps])


def _contest(view: LoanView, w: Wording) -> Plain:
    said = [f"• {w(f'contest.{k}')}" for k in ("advisory", "check", "correct", "override", "borrower")]
    card, versions = view.card, view.versions
    held = [(w("versions.as_of"), w.day(card.as_of)), (w("versions.cutoff"), w.moment(card.cutoff))]
    held += [(w(f"versions.{k}"), str(getattr(versions, k))) for k in _VERSIONS]
    return _box(
        w("contest.title"), parts=[_lines(said), _part(w("versions.title"), [" · ".join(f"{a}: {b}" for a, b in held)])]
    )
