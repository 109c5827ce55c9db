"""The report of a loan: says what it must, in both languages, and survives hostile and odd input."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from reports.loan.page import loan_report
from reports.loan.view import Feed, InstalmentView, LoanView

MakeView = Callable[..., LoanView]
ZONE = "Asia/Shanghai"
NO_SCORE = {"pd": None, "start_pd": None, "grade": None, "tier": None, "families": (), "past": ()}
VOID = {"meta", "link", "input", "br", "rect", "path", "circle"}


class _Page(HTMLParser):
    """Collects visible text and tags, and fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_page_needs_nothing_from_outside(make_view: MakeView) -> None:
    html = loan_report(make_view(), ZONE)
    page = _Page(html)
    assert "script" not in page.tags
    assert not any(name.startswith("on") or name in ("src", "style") for name, _ in page.attributes)
    assert "http" not in html
    assert "url(" not in html
    assert "@import" not in html


def test_the_headline_says_tier_probability_change_and_main_reason(make_view: MakeView) -> None:
    text = _Page(loan_report(make_view(), ZONE, ("en",))).text
    assert "High risk (tier T4): 24.1% probability of default within 12 months" in text
    assert "Of 100 loans like this one, about 24 would default within 12 months." in text
    assert "The probability has risen from 16.5% on 31 May 2024 to 24.1%." in text
    assert "What weighs most: Worst arrears of the last 3 months: 26 days" in text


def test_both_languages_show_the_same_figures(make_view: MakeView) -> None:
    en, zh = (_Page(loan_report(make_view(), ZONE, (lang,))).text for lang in ("en", "zh"))
    for figure in ("24.1%", "8.20%", "74,125.50", "160,000.00", "4,862.50", "1,800.00", "× 2.6", "÷ 1.23"):
        assert figure in en
        assert figure in zh
    assert en.count("4,862.50") == zh.count("4,862.50")


def test_one_page_holds_both_languages_and_shows_the_first(make_view: MakeView) -> None:
    html = loan_report(make_view(), ZONE)
    assert html.count("<main") == 2
    assert re.search(r'id="pick-en" checked', html)
    assert not re.search(r'id="pick-zh" checked', html)


@pytest.mark.parametrize("status", ["in_default", "closed", "insufficient_history", "data_fault"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_loan_without_a_probability_says_so_and_shows_none(make_view: MakeView, status: str, lang: Any) -> None:
    view = make_view(card={**NO_SCORE, "status": status}, reasons=())
    page = _Page(loan_report(view, ZONE, (lang,)))
    assert "24.1%" not in page.text
    assert {"en": "Why", "zh": "原因"}[lang] not in page.words


def test_default_and_closing_name_their_day(make_view: MakeView) -> None:
    for status, said in (("in_default", "In default since 1 Jun 2024"), ("closed", "Closed on 1 Jun 2024")):
        view = make_view(card={**NO_SCORE, "status": status}, reasons=(), status_on=make_view().card.as_of - 29)
        assert said in _Page(loan_report(view, ZONE, ("en",))).text


def test_hostile_names_are_shown_as_text(make_view: MakeView) -> None:
    bad = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
    html = loan_report(make_view(card={"loan_id": bad, "borrower_id": bad}, loan={"product": bad}), ZONE)
    page = _Page(html)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "49" not in re.findall(r"\b49\b", page.text)
    assert "<script>alert(1)</script>" in page.text


def test_right_to_left_names_cannot_turn_the_rest_of_the_line(make_view: MakeView) -> None:
    html = loan_report(make_view(card={"loan_id": "قرض\u202e123"}), ZONE, ("en",))
    assert "<bdi>Loan قرض\u202e123</bdi>" in html


def test_a_forty_year_loan_and_huge_amounts_fit(make_view: MakeView) -> None:
    as_of = make_view().card.as_of
    many = tuple(
        InstalmentView(k + 1, as_of - 30 * (480 - k), 9_000_000_000_000_00, 9_000_000_000_000_00, as_of, 4000)
        for k in range(480)
    )
    view = make_view(
        instalments=many, loan={"principal": 99_999_999_999_999_99}, card={"exposure": 99_999_999_999_999_99}
    )
    html = loan_report(view, ZONE, ("en",))
    assert "99,999,999,999,999.99" in html
    assert "e+" not in _Page(html).text
    assert html.count("<tr") < 150
    assert "Earlier instalments, by year" in html
    by_year = re.findall(r'<bdi>(?:19|20)\d\d</bdi></td><td class="num">(\d+)</td>', html)
    assert sum(int(n) for n in by_year) == 480 - 24


def test_an_empty_history_leaves_an_honest_page(make_view: MakeView) -> None:
    view = make_view(
        card={**NO_SCORE, "status": "insufficient_history", "dpd": None, "exposure": None, "notes": ()},
        reasons=(), instalments=(), cash=None, gaps=(), feeds=(Feed("payments", 0, None),),
        loan={"months_on_book": 0, "maturity_on": None, "n_instalments": None, "annual_rate": None,
              "borrower_type": None, "repayment_type": None},
    )  # fmt: skip
    text = _Page(loan_report(view, ZONE, ("en",))).text
    assert "This loan has 0 months on the book and 0 instalments due." in text
    assert "No instalment has fallen due yet." in text
    assert "The book holds no account movements" in text


def test_months_only_dates_are_named_and_not_judged(make_view: MakeView) -> None:
    as_of = make_view().card.as_of
    view = make_view(instalments=(InstalmentView(1, as_of - 30, 100, 100, as_of - 30, None),))
    assert "days late are not known" in _Page(loan_report(view, ZONE, ("en",))).text


def test_every_chart_has_its_table(make_view: MakeView) -> None:
    page = _Page(loan_report(make_view(), ZONE, ("en",)))
    assert page.tags.count("details") == 4
