"""The page of systems names only what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from book.contract import TABLES
from features.catalogue import CATALOGUE
from loanwatch.main import WAY

_ROW = re.compile(r"^\| (\d+) \|")


def _rules(root: Path) -> set[str]:
    """Rule ids in the shipped packs."""
    texts = (path.read_text("utf-8") for path in sorted((root / "policy" / "packs").glob("rules-*.toml")))
    return set(re.findall(r"\b([RP]\d\d)\b", " ".join(str(tomllib.loads(text)) for text in texts)))


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "systems.md").read_text("utf-8")


def test_every_system_is_listed_once_and_in_order(page: str) -> None:
    numbers = [int(match.group(1)) for line in page.splitlines() if (match := _ROW.match(line))]
    assert numbers == list(range(1, 77))


def test_every_name_on_the_page_exists(page: str, root: Path) -> None:
    known = {
        *TABLES,
        *(column.name for column in CATALOGUE.everything),
        *_rules(root),
        *(f"loanwatch {w}" for w in WAY),
    }
    named = set(re.findall(r"`([^`]+)`", page))
    fields = {"actions.arm"}
    assert sorted(name for name in named - known - fields if not (root / name).exists()) == []
