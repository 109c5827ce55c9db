"""Where a rule stands, as a page of one language cites it: packs cite laws by their Chinese names."""

from __future__ import annotations

import re

from reports.formats import LANGS
from reports.wording import Wording, texts

_ARTICLE = re.compile(r"第([一二三四五六七八九十]+)条(?:（([一二三四五六七八九十]+)）)?")
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}


def cited(source: str, w: Wording) -> str:
    """`企业破产法 第十九条` reads `Enterprise Bankruptcy Law Art. 19` in English; ids stay as they are."""
    for key in texts("zh"):
        if key.startswith("law."):
            for lang in LANGS:
                source = source.replace(texts(lang)[key], w(key) + w.gap)
    source = " ".join(source.split())
    if w.lang == "zh":
        return source
    return _ARTICLE.sub(lambda found: _article(found[1], found[2]), source)


def _article(number: str, part: str | None) -> str:
    return f"Art. {_value(number)}" + (f" ({_value(part)})" if part else "")


def _value(numeral: str) -> int:
    """A Chinese numeral below 100."""
    tens, ten, ones = numeral.rpartition("十")
    return (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)
