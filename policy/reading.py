"""TOML with line numbers: every fault of a policy file is gathered with the line it stands on."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

LANGUAGES = ("en", "zh")
_HEADER = re.compile(r"^\s*\[(?P<many>\[)?\s*(?P<name>[\w.-]+)\s*\]")
_KEY = re.compile(r"^\s*(?P<key>[\w-]+)\s*=")
Lines = Mapping[tuple[str, int, str], int]


@dataclass(order=True, frozen=True)
class LineFault:
    """What is wrong on a line of the file (counted from 1)."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass
class Section:
    """A table of the file. Readers return a harmless value and note a fault where one is missing or wrong."""

    name: str
    number: int
    data: Mapping[str, Any]
    lines: Lines
    faults: list[LineFault] = field(default_factory=list)

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def fault(self, key: str | None, message: str) -> None:
        """Note a fault of a key, or of the table itself."""
        start = self.lines.get((self.name, self.number, ""), 1)
        line = self.lines.get((self.name, self.number, key or ""), start)
        self.faults.append(LineFault(line, f"{key}: {message}" if key else message))

    def list(self, name: str) -> Sequence[Section]:
        """The tables `[[name]]`; a fault where there is none."""
        found = self.data.get(name)
        if not isinstance(found, list) or not found:
            self.fault(None, f"[[{name}]] is missing")
            return []
        return [Section(name, number, data, self.lines, self.faults) for number, data in enumerate(found)]

    def section(self, name: str) -> Section:
        """The table `[name]`; a fault where it is missing."""
        found = self.data.get(name)
        if not isinstance(found, dict):
            self.fault(None, f"[{name}] is missing")
            found = {}
        return Section(name, 0, found, self.lines, self.faults)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._typed(key, str, "a text")
        if value == "":
            self.fault(key, "is empty, must be a text")
        return value or ""

    def words(self, key: str) -> Mapping[str, str]:
        """A text in every language."""
        found = self._typed(key, dict, "a table of en and zh") or {}
        absent = [language for language in LANGUAGES if not isinstance(found.get(language), str)]
        if found and absent:
            self.fault(key, f"no text for {', '.join(absent)}")
        return {language: str(found.get(language, "")) for language in LANGUAGES}

    def share(self, key: str) -> float:
        """A number above 0, at most 1."""
        value = self._typed(key, (int, float), "a number above 0, at most 1")
        if value is not None and not 0 < value <= 1:
            self.fault(key, f"is {value}, must be above 0, at most 1 (a share, not percent)")
        return float(value or 0)

    def whole(self, key: str) -> int:
        """A whole number of at least 0."""
        value = self._typed(key, int, "a whole number")
        if value is not None and value < 0:
            self.fault(key, f"is {value}, must be at least 0")
        return int(value or 0)

    def date(self, key: str) -> datetime.date:
        """A date."""
        return self._typed(key, datetime.date, "a date such as 2026-01-01") or datetime.date.min

    def choice(self, key: str, choices: Sequence[str]) -> int:
        """The position of a text in `choices`."""
        value = self.text(key)
        if value in choices:
            return choices.index(value)
        if value:
            nearest = get_close_matches(value, choices, 1, 0.0)
            hint = f"; nearest {nearest[0]}" if nearest else ""
            self.fault(key, f"is {value!r}, must be one of {', '.join(choices)}{hint}")
        return 0

    def _typed(self, key: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        if key not in self.data:
            self.fault(key, f"is missing, must be {wanted}")
            return None
        value = self.data[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            self.fault(key, f"is {value!r}, must be {wanted}")
            return None
        return value


def parse(text: str) -> Section:
    """The top table of a TOML text; a syntax error becomes its one fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        return Section("", 0, {}, {}, [LineFault(line, f"not TOML: {error}")])
    return Section("", 0, data, _line_numbers(text))


def _line_numbers(text: str) -> Lines:
    """Line of every table header (key "") and key, by table name and its number among tables of that name."""
    lines: dict[tuple[str, int, str], int] = {}
    table, number, seen = "", 0, dict[str, int]()
    for line, content in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(content):
            table = header["name"]
            number = seen.get(table, 0)
            seen[table] = number + 1
            lines[table, number, ""] = line
        elif key := _KEY.match(content):
            lines[table, number, key["key"]] = line
    return lines
