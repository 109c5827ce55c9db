"""Units of features and how a value reads in English and Chinese."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Unit:
    """A unit: `label` by language, and how a value is written with it."""

    code: str
    label: Mapping[str, str] = field(compare=False)
    write: Callable[[float, str], str] = field(compare=False, repr=False)

    def format(self, value: float, lang: str) -> str:
        """`value` with its unit in language `lang` ('en' or 'zh'); a missing value reads 'not observed'."""
        if math.isnan(value):
            return "not observed" if lang == "en" else "未观察到"
        return self.write(value, lang)


def _counted(one: str, many: str, zh: str, digits: int = 1) -> Callable[[float, str], str]:
    def write(value: float, lang: str) -> str:
        number = f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"
        number = "0" if number in ("-0", "") else number
        if lang == "zh":
            return f"{number}{zh}"
        return f"{number} {one if number in ('1', '-1') else many}"

    return write


def _percent(value: float, lang: str) -> str:
    return f"{100 * value:.0f}%" if abs(value) >= 0.1 or value == 0 else f"{100 * value:.1f}%"


def _yes_no(value: float, lang: str) -> str:
    return ("yes" if value else "no") if lang == "en" else ("是" if value else "否")


def _times(value: float, lang: str) -> str:
    return f"{value:.2f} times" if lang == "en" else f"{value:.2f}倍"


def _change(value: float, lang: str) -> str:
    return f"{100 * value:+.0f}%"


def _bucket(value: float, lang: str) -> str:
    return ("C", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")[max(0, min(7, int(value)))]


def _amount_from_log(value: float, lang: str) -> str:
    return f"{math.expm1(value):,.0f}" if lang == "en" else f"{math.expm1(value):,.0f}元"


DAYS = Unit("days", {"en": "days", "zh": "天"}, _counted("day", "days", "天"))
MONTHS = Unit("months", {"en": "months", "zh": "个月"}, _counted("month", "months", "个月"))
COUNT = Unit("count", {"en": "times", "zh": "次"}, _counted("time", "times", "次"))
INSTALMENTS = Unit("instalments", {"en": "instalments", "zh": "期"}, _counted("instalment", "instalments", "期"))
LOANS = Unit("loans", {"en": "loans", "zh": "笔贷款"}, _counted("loan", "loans", "笔贷款"))
LENDERS = Unit("lenders", {"en": "lenders", "zh": "家机构"}, _counted("lender", "lenders", "家机构"))
POINTS = Unit("points", {"en": "points", "zh": "分"}, _counted("point", "points", "分"))
SHARE = Unit("share", {"en": "share", "zh": "占比"}, _percent)
RATIO = Unit("ratio", {"en": "times", "zh": "倍"}, _times)
RATE = Unit("rate", {"en": "a year", "zh": "年利率"}, lambda v, lang: f"{100 * v:.2f}%")
CHANGE_OF = Unit("change", {"en": "change", "zh": "变化"}, _change)
FLAG = Unit("flag", {"en": "yes or no", "zh": "是否"}, _yes_no)
BUCKET = Unit("bucket", {"en": "bucket", "zh": "逾期档"}, _bucket)
LOG_MONEY = Unit("log_money", {"en": "amount (log)", "zh": "金额（对数）"}, _amount_from_log)
INDEX = Unit("index", {"en": "index", "zh": "指数"}, lambda v, lang: f"{v:.2f}")
MONEY = Unit("money", {"en": "a month", "zh": "元/月"}, lambda v, lang: f"{v:,.0f}" + ("" if lang == "en" else "元"))
RATIO_PER_MONTH = Unit(
    "ratio_per_month", {"en": "times a month", "zh": "倍/月"},
    lambda v, lang: f"{v:+.2f} times a month" if lang == "en" else f"每月{v:+.2f}倍",
)  # fmt: skip
DAYS_PER_MONTH = Unit(
    "days_per_month", {"en": "days a month", "zh": "天/月"}, _counted("day a month", "days a month", "天/月")
)
DAYS_PER_INSTALMENT = Unit(
    "days_per_instalment", {"en": "days an instalment", "zh": "天/期"},
    _counted("day an instalment", "days an instalment", "天/期"),
)  # fmt: skip
