"""Texts as values: how each kind of column is written in CSV files and in JSON strings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from book.contract.kinds import Column, Kind
from book.contract.limits import (
    FIRST_DATE,
    FIRST_DAY,
    FIRST_STAMP,
    LAST_DATE,
    LAST_DAY,
    LAST_STAMP,
    MAX_COUNT,
    MAX_MONEY,
    MAX_TEXT,
)
from book.errors import nearest

_EPOCH: Final = date(1970, 1, 1)
_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_MONEY: Final = re.compile(r"([+-]?)([0-9]{1,20})(?:\.([0-9]*))?")
_COUNT: Final = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_FLAGS: Final = {"true": 1, "false": 0, "1": 1, "0": 0}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

DATES: Final = f"an ISO date like 2024-06-30, from {FIRST_DATE} to {LAST_DATE}"
STAMPS: Final = f"an ISO moment with zone like 2024-06-30T18:00:00+08:00, from {FIRST_DATE} to {LAST_DATE}"
MONEYS: Final = f"a decimal with at most two places, at most {MAX_MONEY:,} either way"
COUNTS: Final = f"a whole number, at most {MAX_COUNT:,} either way"
NUMBERS: Final = "a finite number"
FLAGS: Final = "true or false"
TEXTS: Final = f"a text of 1 to {MAX_TEXT:,} characters"


@dataclass(frozen=True)
class Unreadable(Exception):
    """A value cannot be read: the fault's code, what is allowed and what is nearest."""

    code: str
    allowed: str
    nearest: str = ""


def allowed(column: Column) -> str:
    """What may stand in a column, in words."""
    if column.kind is Kind.ENUM:
        return ", ".join(column.choices)
    return _ALLOWED[column.kind]


def read_word(column: Column, word: str) -> int | float:
    """The value in memory of a word of a DATE, STAMP, ENUM, MONEY, COUNT, NUMBER or FLAG column.

    Raises Unreadable.
    """
    if column.kind is Kind.ENUM:
        return _choice(column, word)
    return _READERS[column.kind](word.strip())


def check_word(word: str) -> None:
    """Raise Unreadable where a word of an ID, PERSON or TEXT column is too long or holds odd characters."""
    if len(word) > MAX_TEXT:
        raise Unreadable("too_long", TEXTS)
    if _CONTROL.search(word):
        raise Unreadable("not_text", "printable characters, tabs and line ends")


def days(value: date) -> int:
    """Day number of a date; raises Unreadable outside the contract's range."""
    day = (value - _EPOCH).days
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Unreadable("bad_date", DATES)
    return day


def microseconds(value: datetime) -> int:
    """UTC microseconds of a moment with zone; raises Unreadable outside the contract's range."""
    try:
        moment = (value - _UTC_EPOCH) // _MICROSECOND
    except (OverflowError, TypeError):
        raise Unreadable("bad_stamp", STAMPS) from None
    if not FIRST_STAMP <= moment <= LAST_STAMP:
        raise Unreadable("bad_stamp", STAMPS)
    return moment


@lru_cache(maxsize=256)
def _places(choices: tuple[str, ...]) -> Mapping[str, int]:
    return {choice: place for place, choice in enumerate(choices)}


def _choice(column: Column, word: str) -> int:
    place = _places(column.choices).get(word)
    if place is None:
        raise Unreadable("unknown_value", ", ".join(column.choices), nearest(word, column.choices))
    return place


def _date(word: str) -> int:
    try:
        return days(date.fromisoformat(word if _DATE.fullmatch(word) else ""))
    except ValueError:
        raise Unreadable("bad_date", DATES) from None


def _stamp(word: str) -> int:
    try:
        return microseconds(datetime.fromisoformat(word.upper() if _STAMP.fullmatch(word) else ""))
    except ValueError:
        raise Unreadable("bad_stamp", STAMPS) from None


def _money(word: str) -> int:
    match = _MONEY.fullmatch(word)
    if match is None:
        raise Unreadable("wrong_type", MONEYS)
    sign, whole, places = match[1], match[2], match[3] or ""
    if len(places) > 2:
        raise Unreadable("too_many_decimals", MONEYS)
    cents = int(whole) * 100 + int(places.ljust(2, "0"))
    if cents > MAX_MONEY * 100:
        raise Unreadable("out_of_range", MONEYS)
    return -cents if sign == "-" else cents


def _count(word: str) -> int:
    if not _COUNT.fullmatch(word):
        raise Unreadable("wrong_type", COUNTS)
    if abs(int(word)) > MAX_COUNT:
        raise Unreadable("out_of_range", COUNTS)
    return int(word)


def _number(word: str) -> float:
    if word.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        raise Unreadable("non_finite", NUMBERS)
    if not _NUMBER.fullmatch(word):
        raise Unreadable("wrong_type", NUMBERS)
    value = float(word)
    if value in (float("inf"), float("-inf")):
        raise Unreadable("non_finite", NUMBERS)
    return value


def _flag(word: str) -> int:
    value = _FLAGS.get(word.lower())
    if value is None:
        raise Unreadable("wrong_type", FLAGS)
    return value


_READERS: Final[Mapping[Kind, Callable[[str], int | float]]] = {
    Kind.DATE: _date,
    Kind.STAMP: _stamp,
    Kind.MONEY: _money,
    Kind.COUNT: _count,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
}
_ALLOWED: Final[Mapping[Kind, str]] = {
    Kind.DATE: DATES,
    Kind.STAMP: STAMPS,
    Kind.MONEY: MONEYS,
    Kind.COUNT: COUNTS,
    Kind.NUMBER: NUMBERS,
    Kind.FLAG: FLAGS,
    Kind.ID: TEXTS,
    Kind.PERSON: TEXTS,
    Kind.TEXT: TEXTS,
}
