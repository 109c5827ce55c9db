"""Reasons in words: for the officer, and for the borrower, in English and Chinese."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from features.feature import FeatureColumn

Direction = Literal["adverse", "protective"]
Doubt = Literal["", "not_observed", "no_effect"]
Reader = Literal["officer", "borrower"]
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
DOUBTS: tuple[Doubt, ...] = ("", "not_observed", "no_effect")
_VALUE = "\0"

_OFFICER: Mapping[str, Mapping[str, str]] = {
    "en": {
        "plain": "{label}: {value}",
        "typical": "{label}: {value} (typical {typical})",
        "not_observed": " - it is the missing value that weighs here",
        "no_effect": " - weak: typical values instead would not {turn} the probability",
        "adverse": "lower",
        "protective": "raise",
    },
    "zh": {
        "plain": "{label}：{value}",
        "typical": "{label}：{value}（一般为{typical}）",
        "not_observed": "，此处起作用的是数据缺失",
        "no_effect": "，依据较弱：换成一般水平，概率并不{turn}",
        "adverse": "下降",
        "protective": "上升",
    },
}
_BORROWER: Mapping[str, Mapping[str, str]] = {
    "en": {
        "plain": "{label}: {value}.",
        "typical": "{label}: {value}; for similar loans it is usually {typical}.",
        "not_observed": "{label}: we have no information on this. If you send it, the estimate may change.",
        "no_effect": " On its own this changes little.",
        "adverse": " This made the estimated risk higher.",
        "protective": " This made the estimated risk lower.",
    },
    "zh": {
        "plain": "{label}：{value}。",
        "typical": "{label}：{value}；同类贷款一般为{typical}。",
        "not_observed": "{label}：我们没有这项信息。您补充后，估计结果可能改变。",
        "no_effect": "单看这一项，影响很小。",
        "adverse": "这使风险估计偏高。",
        "protective": "这使风险估计偏低。",
    },
}
_CALIBRATED = {
    "en": "The model's own sum gives {before}; set against loans whose outcome is known, this stands for {after}.",
    "zh": "模型本身的估计为{before}；按结果已知的贷款校准后为{after}。",
}


def frame(
    column: FeatureColumn, typical: float, doubt: Doubt, direction: Direction, reader: Reader, language: Language
) -> tuple[str, str]:
    """What stands before and after the value in a sentence; `typical` is NaN where nothing is."""
    usual = None if math.isnan(typical) else typical
    return _framed(column.label[language], column.unit.write, usual, doubt, direction, reader, language)


@lru_cache(maxsize=1 << 14)
def _framed(
    label: str,
    write: Callable[[float, str], str],
    typical: float | None,
    doubt: Doubt,
    direction: Direction,
    reader: Reader,
    language: Language,
) -> tuple[str, str]:
    usual = "" if typical is None else write(typical, language)
    words = (_OFFICER if reader == "officer" else _BORROWER)[language]
    if reader == "borrower" and doubt == "not_observed":
        return words["not_observed"].format(label=label), ""
    text = words["typical" if usual else "plain"].format(label=label, value=_VALUE, typical=usual)
    if reader == "borrower":
        text += words["no_effect" if doubt == "no_effect" else direction]
    elif doubt:
        text += words[doubt].format(turn=words[direction])
    before, _, after = text.partition(_VALUE)
    return before, after


def sentence(
    column: FeatureColumn,
    value: float,
    typical: float,
    doubt: Doubt = "",
    direction: Direction = "adverse",
    reader: Reader = "officer",
    language: Language = "en",
) -> str:
    """A feature's value beside what is typical, e.g. "Days past due now: 34 days (typical 0 days)"; NaN = none."""
    before, after = frame(column, typical, doubt, direction, reader, language)
    if reader == "borrower" and doubt == "not_observed":
        return before
    return before + column.unit.format(value, language) + after


def calibrated(before: float, after: float) -> dict[str, str]:
    """What calibration made of the model's own probability, by language."""
    return {
        language: text.format(before=_percent(before), after=_percent(after)) for language, text in _CALIBRATED.items()
    }


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%" if share < 0.1 else f"{100 * share:.1f}%"
