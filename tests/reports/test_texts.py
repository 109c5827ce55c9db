"""Texts: English and Chinese say the same, and every text is there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from reports.model.words import model_texts
from reports.wording import texts, wording

_HAN = re.compile(r"[\u4e00-\u9fff]")


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_english_and_chinese_have_the_same_keys() -> None:
    en, zh = texts("en"), texts("zh")
    assert sorted(set(en) - set(zh)) == [], "no Chinese text"
    assert sorted(set(zh) - set(en)) == [], "no English text"


def test_a_text_names_the_same_values_in_both_languages() -> None:
    en, zh = texts("en"), texts("zh")
    assert [key for key in en if _named(en[key]) != _named(zh[key])] == []


def test_no_text_is_left_untranslated() -> None:
    same = [key for key, text in texts("zh").items() if not _HAN.search(text)]
    stray = [key for key, text in texts("en").items() if _HAN.search(text)]
    assert same == []
    assert stray == []


def test_every_text_that_a_template_or_module_names_exists(root: Path) -> None:
    sources = [*root.glob("reports/templates/**/*.j2"), *root.glob("reports/**/*.py")]
    named = re.compile(r"(?:\bw|words)(?:\.plural)?\(\s*['\"]([a-z_]+(?:\.[a-z_0-9]*[a-z0-9])+)['\"]")
    keys = {key for source in sources for key in named.findall(source.read_text("utf-8"))}
    known = set(texts("en")) | set(model_texts("en"))
    assert sorted(key for key in keys if key not in known and f"{key}.other" not in known) == []


def test_every_text_is_named_somewhere(root: Path) -> None:
    sources = [
        *root.glob("reports/templates/**/*.j2"),
        *root.glob("reports/**/*.py"),
        root / "loanwatch/demo.py",
    ]
    everything = "\n".join(source.read_text("utf-8") for source in sources if source.exists())
    unused = []
    for key in texts("en"):
        group, _, last = key.rpartition(".")
        built = re.search(
            rf"{re.escape(group)}[._]?(['\"] ?~|\{{|['\"],)|name\(['\"]{re.escape(group)}['\"]", everything
        )
        prefix = re.search(rf"{re.escape(group)}\.{re.escape(last.split('_')[0])}_['\"] ?~", everything)
        if f"{key}'" not in everything and f'{key}"' not in everything and not built and not prefix:
            unused.append(key)
    assert [key for key in unused if not key.startswith(("units.", "glossary.", "legend.", "law."))] == []


def test_an_unknown_text_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(KeyError, match=r"no en text 'lead.upp'; nearest: lead.up"):
        wording("en", "CNY", "Asia/Shanghai")("lead.upp")
