"""Numbers, money and dates as a reader of each language expects them."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import formats

DAY = (date(2024, 6, 30) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("minor", "en", "zh"),
    [
        (0, "CNY 0.00", "0.00 元"),
        (5, "CNY 0.05", "0.05 元"),
        (-123456, "CNY -1,234.56", "-1,234.56 元"),
        (123456789012345, "CNY 1,234,567,890,123.45", "1,234,567,890,123.45 元"),
        (None, "–", "–"),
    ],
)
def test_money_has_separators_and_currency(minor: int | None, en: str, zh: str) -> None:
    assert formats.money(minor, "CNY", "en") == en
    assert formats.money(minor, "CNY", "zh") == zh


def test_a_currency_without_a_common_chinese_name_keeps_its_code() -> None:
    assert formats.money(100, "CHF", "zh") == "1.00 CHF"


@given(st.integers(-(10**16), 10**16))
def test_money_keeps_every_cent(minor: int) -> None:
    text = formats.money(minor, "CNY", "en").removeprefix("CNY ").replace(",", "").replace(".", "")
    assert int(text) == minor


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0%"), (0.00004, "< 0.01%"), (0.0042, "0.42%"), (0.0995, "9.95%"), (0.241, "24.1%"),
        (0.9995, "> 99.9%"), (1.0, "100.0%"), (math.nan, "–"), (None, "–"),
    ],
)  # fmt: skip
def test_a_probability_never_shows_as_nothing_or_certain(share: float | None, text: str) -> None:
    assert formats.percent(share) == text


def test_dates_are_written_as_each_language_does() -> None:
    assert formats.day(DAY, "en") == "30 Jun 2024"
    assert formats.day(DAY, "zh") == "2024年6月30日"
    assert formats.month(DAY, "en") == "Jun 2024"
    assert formats.moment(1719763199999999, "Asia/Shanghai", "en") == "30 Jun 2024 23:59 (Asia/Shanghai)"


@pytest.mark.parametrize(
    ("minor", "en", "zh"),
    [(0, "0", "0"), (250_000, "2.5k", "2,500"), (15_000_00, "15k", "1.5万"), (2e11, "2bn", "20亿")],
)
def test_axis_amounts_are_short_and_without_exponent(minor: float, en: str, zh: str) -> None:
    assert formats.short_money(minor, "en") == en
    assert formats.short_money(minor, "zh") == zh


@pytest.mark.parametrize(
    ("log_odds", "text"), [(0.6932, "× 2.0"), (-0.6932, "÷ 2.0"), (0.1, "× 1.11"), (50.0, "× 162755")]
)
def test_contributions_read_as_factors_on_the_odds(log_odds: float, text: str) -> None:
    assert formats.times(log_odds) == text
