"""One content in two forms: the page and the sheet say the same, in both languages, and nothing gets in as markup."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from reports.blocks import Table, texts_of
from reports.formats import LANGS, Lang
from reports.loan.page import loan_body, loan_report
from reports.loan.rows import RowsView
from reports.loan.sheet import sheet
from reports.loan.view import LoanView, TierView
from reports.paper.loan import content, loan_pdf
from reports.wording import wording

MakeView = Callable[..., LoanView]
ZONE = "Asia/Shanghai"
HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}",
    "#eval(1) $x$ \\ *b* _c_ @d",
    "\u202eabc\u202c قرض",
    "借款" * 300,
    "x" * 3_000,
    "",
)


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _said(view: LoanView, lang: Lang) -> list[str]:
    told = sheet(view, wording(lang, "CNY", ZONE))
    return [*told.mast, *(text for one in told.sections for text in (one.title, *texts_of(one.blocks)) if text)]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return [str(value)]


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_and_the_sheet_of_paper_say_every_text(full_view: LoanView, lang: Lang) -> None:
    w = wording(lang, "CNY", ZONE)
    page = _flat(unescape(re.sub(r"<[^>]+>", "", loan_body(full_view, w))))
    paper = set(_texts(json.loads(json.dumps(content(full_view, w)))))
    said = _said(full_view, lang)
    assert len(said) > 300
    assert [text for text in said if _flat(text) not in page] == []
    assert [text for text in said if text not in paper] == []


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_printed_is_what_was_said(full_view: LoanView, lang: Lang, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext: the Debian package poppler-utils")
    (tmp_path / "a.pdf").write_bytes(loan_pdf(full_view, ZONE, lang))
    read = subprocess.run(["pdftotext", "-raw", tmp_path / "a.pdf", "-"], capture_output=True, check=True, text=True)
    printed = _flat(read.stdout)
    words = [text for text in _said(full_view, lang) if len(text) <= 12]
    assert [text for text in words if _flat(text) not in printed] == []


def test_both_languages_have_the_same_parts_the_same_rows_and_the_same_figures(full_view: LoanView) -> None:
    en, zh = (sheet(full_view, wording(lang, "CNY", ZONE)).sections for lang in LANGS)
    assert [one.key for one in en] == [one.key for one in zh]
    for one, other in zip(en, zh, strict=True):
        assert [block.type for block in one.blocks] == [block.type for block in other.blocks], one.key
        for a, b in zip(one.blocks, other.blocks, strict=True):
            if isinstance(a, Table) and isinstance(b, Table):
                assert len(a.rows) == len(b.rows)
                assert a.numbers == b.numbers
                assert [[row[k] for k in sorted(a.numbers)] for row in a.rows] == [
                    [row[k] for k in sorted(b.numbers)] for row in b.rows
                ]


def test_every_part_of_the_report_is_there(full_view: LoanView) -> None:
    keys = [one.key for one in sheet(full_view, wording("en", "CNY", ZONE)).sections]
    assert keys == [
        *("headline", "figures", "do", "moved", "place", "why", "repayment", "cash"),
        *("debts", "funds", "public", "security", "data", "contest", "glossary"),
    ]  # fmt: skip


def test_the_body_is_clean_for_a_strict_content_policy(full_view: LoanView) -> None:
    for lang in LANGS:
        body = loan_body(full_view, wording(lang, "CNY", ZONE), level=2)
        assert not re.search(r"<[^>]*\s(style|id|on[a-z]+|src|href)=", body)
        assert not re.search(r"<(script|style|link|img|iframe|form|h1)\b", body)
        assert body.count("<h2>") > 8


def test_regions_that_scroll_have_names_of_their_own(full_view: LoanView) -> None:
    body = loan_body(full_view, wording("en", "CNY", ZONE))
    names = re.findall(r'role="group" aria-label="([^"]+)"', body)
    assert len(names) > 10
    assert len(set(names)) == len(names)


def _poisoned(view: LoanView, bad: str) -> LoanView:
    """The view with a hostile text wherever the lender's data can put one."""
    rows = RowsView(("loan", "category", "amount"), ((bad, bad or None, -9_999_999_999_999_99),), 99)
    words = {"en": bad, "zh": bad}
    reasons = tuple(replace(one, behind=rows) for one in view.reasons)
    return replace(
        view,
        card=replace(view.card, loan_id=bad, borrower_id=bad, notes=(words,)),
        loan=replace(view.loan, product=bad),
        reasons=reasons,
        elsewhere=replace(view.elsewhere, collateral=RowsView(("kind", "guarantor_id"), ((bad, bad),), 1)),
        versions=replace(view.versions, score_id=bad, book=bad),
        tiers=tuple(TierView(one.code, one.name, words, one.review, one.below) for one in view.tiers),
    )


@pytest.mark.parametrize("bad", HOSTILE, ids=lambda text: ascii(text)[:18])
def test_hostile_texts_are_shown_as_text_on_page_and_paper(full_view: LoanView, bad: str) -> None:
    view = _poisoned(full_view, bad)
    html = loan_report(view, ZONE)
    assert "<script" not in html
    assert "<img" not in html
    assert "49" not in re.findall(r"(?<!\d)49(?!\d)", re.sub(r"<[^>]+>", " ", html.partition("</style>")[2]))
    assert loan_pdf(view, ZONE, "zh" if len(bad) % 2 else "en").startswith(b"%PDF-")


def test_a_forty_year_loan_fits_on_paper_and_its_early_years_are_summed_up(full_view: LoanView) -> None:
    one = full_view.instalments[0]
    first = full_view.card.as_of - 30 * 480
    many = tuple(replace(one, no=k + 1, due_on=first + 30 * k, settled_on=first + 30 * k) for k in range(480))
    view = replace(full_view, instalments=many, twice=None)
    part = next(one for one in sheet(view, wording("en", "CNY", ZONE)).sections if one.key == "repayment")
    tables = [block for block in part.blocks if isinstance(block, Table)]
    assert len(tables[0].rows) == 24
    assert sum(int(row[1]) for row in tables[1].rows) == 480 - 24
    for lang in LANGS:
        assert len(loan_pdf(view, ZONE, lang)) < 150_000


@pytest.mark.parametrize("lang", LANGS)
def test_the_sheet_with_everything_on_it_is_small(full_view: LoanView, lang: Lang) -> None:
    assert len(loan_pdf(full_view, ZONE, lang)) < 150_000


def test_without_any_optional_table_the_report_stands(make_view: MakeView) -> None:
    view = make_view(cash=None, feeds=(), gaps=(), reasons=())
    keys = [one.key for one in sheet(view, wording("zh", "CNY", ZONE)).sections]
    assert keys == ["headline", "figures", "moved", "place", "why", "repayment", "cash", "data", "contest", "glossary"]
    assert loan_pdf(view, ZONE, "zh").startswith(b"%PDF-")
