"""The report as PDF: small, the same bytes each time, the same content as the page, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reports.formats import LANGS, Lang
from reports.loan.drawings import drawings
from reports.loan.view import LoanView
from reports.paper.ink import colour, printed
from reports.paper.loan import content, loan_pdf
from reports.wording import wording

MakeView = Callable[..., LoanView]
ZONE = "Asia/Shanghai"


@pytest.mark.parametrize("lang", LANGS)
def test_a_report_is_a_small_pdf_and_the_same_bytes_each_time(make_view: MakeView, lang: Lang) -> None:
    pdf = loan_pdf(make_view(), ZONE, lang)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) < 150_000
    assert loan_pdf(make_view(), ZONE, lang) == pdf


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return [str(value)]


@pytest.mark.parametrize("lang", LANGS)
def test_the_sheet_says_what_the_page_says(make_view: MakeView, lang: Lang) -> None:
    view = make_view()
    w = wording(lang, view.loan.currency, ZONE)
    said = " ".join(_texts(content(view, w)))
    for reason in view.reasons:
        assert reason.feature[lang] in said
        assert reason.value[lang] in said
        assert w.times(reason.contribution) in said
    for text in (w.percent(view.card.pd), w.money(view.loan.principal), w("contest.borrower"), view.versions.bundle):
        assert text in said


@pytest.mark.parametrize("name", ["a $x$ #eval(1) \\ *b* _c_ @d <e>", "\u202eabc", "借款" * 60])
def test_names_are_set_as_text_and_never_as_markup(make_view: MakeView, name: str) -> None:
    view = make_view()
    from dataclasses import replace

    hostile = replace(view, card=replace(view.card, loan_id=name), loan=replace(view.loan, product=name))
    assert loan_pdf(hostile, ZONE, "en").startswith(b"%PDF-")


def test_charts_for_print_have_their_colours_and_no_variables(make_view: MakeView) -> None:
    view = make_view()
    drawn = drawings(view, wording("en", view.loan.currency, ZONE))
    for chart in (drawn.scale, drawn.timeline, drawn.cashflow):
        assert chart is not None
        svg = printed(chart.wide)
        assert svg.startswith("<svg xmlns=")
        assert svg.count("<svg") == svg.count("</svg>") == 1
        assert "var(" not in svg
    assert colour("tier-T1") == "#2b6ca3"


def test_a_loan_without_a_score_has_a_sheet_too(make_view: MakeView) -> None:
    from dataclasses import replace

    view = make_view()
    card = replace(
        view.card, status="in_default", pd=None, grade=None, tier="D", start_pd=None, reasons=(), families=()
    )
    assert loan_pdf(replace(view, card=card, reasons=(), instalments=(), cash=None), ZONE, "zh").startswith(b"%PDF-")
