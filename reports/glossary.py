"""Words explained: the same terms for every page, in the page's language; `texts/glossary.*.toml` holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.formats import Lang
from reports.wording import texts

_WORD = ".word"


@dataclass(frozen=True)
class Term:
    """A word and what it means."""

    key: str
    word: str
    text: str


def terms(lang: Lang, keys: Sequence[str] | None = None) -> tuple[Term, ...]:
    """The terms named by `keys`, in that order; without keys all of them. KeyError for one that is not there."""
    told = texts(lang)
    group = "glossary."
    if keys is None:
        keys = [key[len(group) : -len(_WORD)] for key in told if key.startswith(group) and key.endswith(_WORD)]
    return tuple(Term(key, told[f"{group}{key}.word"], told[f"{group}{key}.text"]) for key in keys)
