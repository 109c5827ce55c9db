"""The texts of reports in one language, and numbers as that language writes them."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from reports import formats
from reports.formats import Lang


@dataclass(frozen=True)
class Wording:
    """All texts of one language by dotted key; call it with a key and the values its text names.

    `currency` and `timezone` are those of the book.
    """

    lang: Lang
    texts: Mapping[str, str]
    currency: str
    timezone: str

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its named values filled in. Raises KeyError naming the nearest key."""
        if key not in self.texts:
            near = difflib.get_close_matches(key, self.texts, 1)
            raise KeyError(f"no {self.lang} text {key!r}; nearest: {near[0] if near else 'none'}")
        return self.texts[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a text of that key (product and table names come from the lender's own data)."""
        return key in self.texts

    def name(self, group: str, code: str | None) -> str:
        """The text `group.code`, or the code itself where the lender uses a word of its own."""
        if code is None:
            return formats.NOTHING
        return self.texts.get(f"{group}.{code}", code)

    def plural(self, key: str, n: int) -> str:
        """The text `key.one` or `key.other` with `{n}` filled in."""
        return self(f"{key}.{'one' if n == 1 else 'other'}", n=formats.count(n))

    def day(self, number: int | None) -> str:
        return formats.day(number, self.lang)

    def month(self, number: int) -> str:
        return formats.month(number, self.lang)

    def short_month(self, number: int) -> str:
        return formats.short_month(number, self.lang)

    def moment(self, stamp: int) -> str:
        return formats.moment(stamp, self.timezone, self.lang)

    def money(self, minor: int | None) -> str:
        return formats.money(minor, self.currency, self.lang)

    def amount(self, minor: int | None) -> str:
        return formats.amount(minor)

    def in_currency(self, name: str) -> str:
        """The head of a column of amounts: its name and the currency."""
        return self.bracketed(name, self.currency_name)

    def joined(self, parts: Iterable[str]) -> str:
        """Parts of a list in one line."""
        return ("、" if self.lang == "zh" else ", ").join(parts)

    def listed(self, parts: Iterable[str]) -> str:
        """Longer parts of a list in one line."""
        return ("；" if self.lang == "zh" else "; ").join(parts)

    def bracketed(self, text: str, more: str) -> str:
        """A text and what stands in brackets after it."""
        return f"{text}（{more}）" if self.lang == "zh" else f"{text} ({more})"

    @staticmethod
    def sentence(text: str) -> str:
        """A text that begins with a capital."""
        return text[:1].upper() + text[1:]

    def short_money(self, minor: float) -> str:
        return formats.short_money(minor, self.lang)

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.lang == "zh" else " "

    @property
    def currency_name(self) -> str:
        return formats.currency_name(self.currency, self.lang)

    def percent(self, share: float | None) -> str:
        return formats.percent(share)

    def times(self, log_odds: float) -> str:
        return formats.times(log_odds)


@cache
def texts(lang: Lang) -> Mapping[str, str]:
    """Every text of a language by dotted key, as written in `texts/<lang>.toml` and `texts/<topic>.<lang>.toml`."""
    folder = resources.files("reports").joinpath("texts")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith((f".{lang}.toml", f"{lang}.toml")))
    trees = (tomllib.loads(folder.joinpath(name).read_text("utf-8")) for name in names)
    return {key: text for tree in trees for key, text in _flat(tree, "")}


def wording(lang: Lang, currency: str, timezone: str) -> Wording:
    """The wording of one language for a book's currency and time zone."""
    return Wording(lang, texts(lang), currency, timezone)


def _flat(tree: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value))]
    return rows
