"""Direct identifiers of people: 身份证 numbers and mobile numbers must not enter a book."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from book.check.findings import Findings
from book.contract import TABLES
from book.contract.kinds import Column, Kind
from book.encoding.columns import Read, Words

_CARD: Final = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_LIKE_CARD: Final = r"[1-9][0-9]{16}[0-9Xx]"
_LIKE_MOBILE: Final = r"^(?:\+?86[- ]?)?1[3-9][0-9]{9}$"
_MOBILE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9][0-9]{9}")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_MOST: Final = 0.5
_SHORTEST: Final = 11
_CARD_LENGTH: Final = 18


def is_identity_card(number: str) -> bool:
    """Whether 18 characters are a 身份证 number: real birth date, valid check digit (GB 11643-1999)."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weighted = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return _CHECK[weighted % 11] == number[17].upper()


def identifiers(read: Read, findings: Findings) -> None:
    """Refuse each column of words that holds direct identifiers; the values are never shown.

    One 身份证 number anywhere in a text, or in most values of an id, refuses the column; so do mobile numbers in
    most values of a column that is not part of the key.
    """
    for column in _worded(read.table.name):
        values = read.columns.get(column.name)
        if not isinstance(values, Words) or values.longest < _SHORTEST:
            continue
        most = _MOST * values.filled
        any_card, cards = values.found(_LIKE_CARD, _has_card) if values.longest >= _CARD_LENGTH else (False, 0)
        if any_card and (column.kind is Kind.TEXT or cards > most):
            _refuse(read, column.name, findings, "identity-card numbers (not shown)")
        elif column.name not in read.table.key and values.found(_LIKE_MOBILE, _is_mobile)[1] > most:
            _refuse(read, column.name, findings, "mobile numbers in most values (not shown)")


@cache
def _worded(table: str) -> tuple[Column, ...]:
    """The columns of words of a table."""
    return TABLES[table].of_kind(Kind.TEXT, Kind.ID, Kind.PERSON)


def _refuse(read: Read, column: str, findings: Findings, got: str) -> None:
    findings.whole("direct_identifier", read.table.name, column, got=got, allowed="ids that name nobody")


def _has_card(word: str) -> bool:
    return len(word) >= _CARD_LENGTH and any(is_identity_card(match) for match in _CARD.findall(word))


def _is_mobile(word: str) -> bool:
    return 11 <= len(word) <= 15 and _MOBILE.fullmatch(word) is not None
