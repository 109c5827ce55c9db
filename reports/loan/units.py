"""Values of features and facts in words: amounts with the currency of the book, which a unit does not know."""

from __future__ import annotations

import math
from collections.abc import Mapping

from features.units import Unit
from reports.formats import LANGS, currency_name

Texts = Mapping[str, str]
_AMOUNTS = ("amount", "money", "log_money")
_NOT_OBSERVED = {"en": "not observed", "zh": "未观察到"}


def in_unit(value: float | None, unit: Unit, currency: str) -> Texts:
    """A value in its unit, by language; None or NaN where it is not observed."""
    if value is None or math.isnan(value):
        return _NOT_OBSERVED
    return {lang: _written(value, unit, currency, lang) for lang in LANGS}


def _written(value: float, unit: Unit, currency: str, lang: str) -> str:
    if unit.code not in _AMOUNTS:
        return unit.format(value, lang)
    amount = f"{math.expm1(value) if unit.code == 'log_money' else value:,.0f}"
    return f"{currency} {amount}" if lang == "en" else f"{amount} {currency_name(currency, 'zh')}"
