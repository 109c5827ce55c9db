"""Numbers, money and dates as people write them, in English and in Chinese."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")
NOTHING = "–"

_EPOCH = date(1970, 1, 1)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZH_CURRENCY = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "HKD": "港元", "JPY": "日元"}
_EN_STEPS = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
_ZH_STEPS = ((1e8, "亿"), (1e4, "万"))


def to_date(day: int) -> date:
    """The calendar date of a day number (days since 1970-01-01)."""
    return _EPOCH + timedelta(days=int(day))


def day(number: int | None, lang: Lang) -> str:
    """`30 Jun 2024` or `2024年6月30日`; a dash for None."""
    if number is None:
        return NOTHING
    d = to_date(number)
    return f"{d.year}年{d.month}月{d.day}日" if lang == "zh" else f"{d.day} {_MONTHS[d.month - 1]} {d.year}"


def month(number: int, lang: Lang) -> str:
    """The month of a day: `Jun 2024` or `2024年6月`."""
    d = to_date(number)
    return f"{d.year}年{d.month}月" if lang == "zh" else f"{_MONTHS[d.month - 1]} {d.year}"


def short_month(number: int, lang: Lang) -> str:
    """The month without its year, for chart axes: `Jun` or `6月`."""
    d = to_date(number)
    return f"{d.month}月" if lang == "zh" else _MONTHS[d.month - 1]


def moment(stamp: int, zone: str, lang: Lang) -> str:
    """A UTC microsecond stamp in the book's time zone, to the minute."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(stamp))).astimezone(ZoneInfo(zone))
    number = (local.date() - _EPOCH).days
    return f"{day(number, lang)} {local:%H:%M} ({zone})"


def money(minor: int | None, currency: str, lang: Lang) -> str:
    """Minor units with thousands separators and currency: `CNY 12,345.60` or `12,345.60 元`."""
    if minor is None:
        return NOTHING
    sign = "-" if minor < 0 else ""
    whole, cents = divmod(abs(int(minor)), 100)
    amount = f"{sign}{whole:,}.{cents:02d}"
    if lang == "zh":
        return f"{amount} {currency_name(currency, lang)}"
    return f"{currency} {amount}"


def amount(minor: int | None) -> str:
    """Minor units with thousands separators, without currency: `12,345.60`; for columns whose head names it."""
    if minor is None:
        return NOTHING
    whole, cents = divmod(abs(int(minor)), 100)
    return f"{'-' if minor < 0 else ''}{whole:,}.{cents:02d}"


def short_money(minor: float, lang: Lang) -> str:
    """An amount for a chart axis: `12.5k`, `1.25万`; no currency."""
    amount = minor / 100
    for step, letter in _ZH_STEPS if lang == "zh" else _EN_STEPS:
        if abs(amount) >= step:
            return f"{_three(amount / step)}{letter}"
    return _three(amount)


def currency_name(code: str, lang: Lang) -> str:
    """The currency as a reader calls it: its code, in Chinese its common name where it has one."""
    return _ZH_CURRENCY.get(code, code) if lang == "zh" else code


def _three(value: float) -> str:
    """Three significant places without exponent or trailing zeros; whole above 100."""
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(number: int) -> str:
    """A whole number with thousands separators."""
    return f"{number:,d}"


def percent(share: float | None) -> str:
    """A share of one as per cent: two places below 10 %, one above; a dash for None or NaN."""
    if share is None or math.isnan(share):
        return NOTHING
    value = 100 * share
    if 0 < value < 0.01:
        return "< 0.01%"
    if value > 99.9 and share < 1:
        return "> 99.9%"
    return f"{value:.1f}%" if value >= 9.995 or value == 0 else f"{value:.2f}%"


def times(log_odds: float) -> str:
    """A log-odds contribution as a factor on the odds: `× 2.4`, `÷ 1.8`."""
    factor = math.exp(min(abs(log_odds), 12.0))
    shown = f"{factor:.0f}" if factor >= 20 else f"{factor:.1f}" if factor >= 2 else f"{factor:.2f}"
    return f"{'×' if log_odds >= 0 else '÷'} {shown}"
