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
Path = tuple[str | int, ...]
Lines = Mapping[tuple[Path, str], int]


@dataclass(order=True, frozen=True)
class LineFault:
    """What is wrong on a line of the file (counted from 1)."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass
class Section:
    """A table of the file. Readers return a harmless value and note a fault where one is missing or wrong.

    `path` leads to it: names of tables, and a number (from 0) after the name of an array of tables.
    """

    path: Path
    data: Mapping[str, Any]
    lines: Lines
    faults: list[LineFault] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def __contains__(self, key: str) -> bool:
        self.asked.add(key)
        return key in self.data

    def fault(self, key: str | None, message: str) -> None:
        """Note a fault of a key, or of the table itself."""
        start = self.lines.get((self.path, ""), 1)
        line = self.lines.get((self.path, key or ""), start)
        self.faults.append(LineFault(line, f"{key}: {message}" if key else message))

    def list(self, name: str) -> Sequence[Section]:
        """The tables `[[name]]`; a fault where there is none."""
        found = self._get(name)
        if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
            self.fault(None, f"[[{name}]] is missing")
            return []
        return [self._inner((name, number), data) for number, data in enumerate(found)]

    def section(self, name: str) -> Section:
        """The table `[name]`; a fault where it is missing."""
        found = self._get(name)
        if not isinstance(found, dict):
            self.fault(None, f"[{name}] is missing")
            found = {}
        return self._inner((name,), found)

    def _inner(self, step: Path, data: Mapping[str, Any]) -> Section:
        return Section(self.path + step, data, self.lines, self.faults)

    def no_more(self) -> None:
        """Note a fault for every key that no reader asked for: a word misspelled would be passed over in silence."""
        for key in self.data:
            if key not in self.asked:
                near = get_close_matches(key, sorted(self.asked), 1)
                self.fault(key, "is not known here" + (f"; nearest {near[0]}" if near else ""))

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._typed(key, str, "a text")
        if value == "":
            self.fault(key, "is empty, must be a text")
        return value or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, possibly empty."""
        found = self._typed(key, list, "a list of texts") or []
        if not all(isinstance(one, str) and one for one in found):
            self.fault(key, f"is {found!r}, must be a list of texts")
            return ()
        return tuple(found)

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

    def number(self, key: str) -> float:
        """A finite number."""
        value = self._typed(key, (int, float), "a number")
        if value is not None and not abs(value) < float("inf"):
            self.fault(key, f"is {value}, must be a finite number")
            return 0.0
        return float(value or 0)

    def whole(self, key: str) -> int:
        """A whole number of at least 0."""
        value = self._typed(key, int, "a whole number")
        if value is not None and value < 0:
            self.fault(key, f"is {value}, must be at least 0")
        return int(value or 0)

    def truth(self, key: str) -> bool:
        """True or false; false where the key is not given."""
        if key not in self:
            return False
        value = self.data[key]
        if not isinstance(value, bool):
            self.fault(key, f"is {value!r}, must be true or false")
        return value is True

    def date(self, key: str) -> datetime.date:
        """A date."""
        return self._typed(key, datetime.date, "a date such as 2026-01-01") or datetime.date.min

    def dates(self, key: str) -> tuple[datetime.date, ...]:
        """A list of dates."""
        found = self._typed(key, list, "a list of dates") or []
        wrong = [one for one in found if not isinstance(one, datetime.date) or isinstance(one, datetime.datetime)]
        for one in wrong:
            self.fault(key, f"{one!r} is no date")
        return tuple(one for one in found if one not in wrong)

    def choice(self, key: str, choices: Sequence[str]) -> int:
        """The position of a text in `choices`."""
        value = self.text(key)
        return self.one_of(key, value, choices) if value else 0

    def one_of(self, key: str, value: str, choices: Sequence[str]) -> int:
        """The position of `value`, given under `key`, in `choices`."""
        if value in choices:
            return list(choices).index(value)
        nearest = get_close_matches(value, choices, 1, 0.0)
        hint = f"; nearest {nearest[0]}" if nearest else ""
        self.fault(key, f"is {value!r}, must be one of {', '.join(choices)}{hint}")
        return 0

    def _get(self, key: str) -> Any:
        self.asked.add(key)
        return self.data.get(key)

    def _typed(self, key: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        value = self._get(key)
        if value is None:
            self.fault(key, f"is missing, must be {wanted}")
            return None
        if not isinstance(value, kind) or isinstance(value, bool | datetime.datetime):
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
        return Section((), {}, {}, [LineFault(line, f"not TOML: {error}")])
    return Section((), data, _line_numbers(text))


def _line_numbers(text: str) -> Lines:
    """Line of every table header (key "") and key, by the path of the table."""
    lines: dict[tuple[Path, str], int] = {}
    path: Path = ()
    seen: dict[Path, int] = {}
    for line, content in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(content):
            path = _path(header["name"].split("."), bool(header["many"]), seen)
            lines[path, ""] = line
        elif key := _KEY.match(content):
            lines.setdefault((path, key["key"]), line)
    return lines


def _path(names: Sequence[str], many: bool, seen: dict[Path, int]) -> Path:
    """The path of a header: the outer tables are the latest of their name."""
    path: Path = ()
    for depth, name in enumerate(names):
        path = (*path, name)
        if many and depth == len(names) - 1:
            seen[path] = seen.get(path, -1) + 1
        if path in seen:
            path = (*path, seen[path])
    return path
