"""The report of one loan as PDF: the content of the page, on A4."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from book.errors import Refusal
from reports.blocks import Block, Chart, Pair, Reasons, Section, Table
from reports.formats import Lang
from reports.loan.sheet import sheet
from reports.loan.view import LoanView
from reports.paper.ink import colour, printed
from reports.wording import Wording, wording

Plain = dict[str, Any]
_SHAPES = {"due-day": "▲", "income": "–"}


def loan_pdf(view: LoanView, timezone: str, lang: Lang) -> bytes:
    """The report as a PDF with its fonts inside, in one language; the same bytes for the same view.

    It carries no tags for screen readers, which would more than double its size: the page is there for them.
    Raises Refusal where the extra `pdf` is not installed.
    """
    compiler, template = _typesetter()
    words = wording(lang, view.loan.currency, timezone)
    inputs = {"data": json.dumps(content(view, words), ensure_ascii=False)}
    made = compiler.compile(input=template, format="pdf", sys_inputs=inputs, timestamp=0, pdf_tags=False)
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
    """Everything the sheet says, as texts and drawings: the sections of the page with nothing folded away."""
    told, card = sheet(view, w), view.card
    return {
        "title": f"{card.loan_id} · Loanwatch",
        "lang": "zh" if w.lang == "zh" else "en",
        "footer": f"Loanwatch · {w('page.loan', loan=card.loan_id)} · {w('page.as_of', day=w.day(card.as_of))}",
        "mast": ["Loanwatch", *told.mast],
        "sections": [_section(one) for one in told.sections],
    }


def _section(one: Section) -> Plain:
    return {"key": one.key, "title": one.title, "tier": one.tier, "blocks": _blocks(one.blocks)}


def _blocks(blocks: Sequence[Block]) -> list[Plain]:
    return [_block(one) for one in blocks]


def _block(one: Block) -> Plain:
    match one:
        case Table():
            return _table(one)
        case Chart():
            key = [(colour(name.split(" ")[0]), text, _SHAPES.get(name, "")) for name, text in one.key]
            return {"type": "chart", "svg": printed(one.wide), "key": key}
        case Reasons():
            items = [
                asdict(item) | {"bar": printed(item.bar), "rows": _table(item.rows) if item.rows else None}
                for item in one.items
            ]
            return {"type": "reasons", "items": items}
        case Pair():
            return {"type": "pair", "left": _blocks(one.left), "right": _blocks(one.right)}
        case _:
            return asdict(one)


def _table(one: Table) -> Plain:
    return {
        "type": "table",
        "head": one.head,
        "rows": one.rows,
        "numbers": sorted(one.numbers),
        "strong": sorted(one.strong),
        "title": one.fold,
        "note": one.note,
    }
