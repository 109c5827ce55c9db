"""Short forms in which the tables are declared: one function per kind of column."""

from __future__ import annotations

from dataclasses import replace

from book.contract.kinds import Column, Kind
from book.contract.limits import MAX_COUNT, MAX_MONEY


def ident(name: str, meaning: str, refers: str = "") -> Column:
    """A text key, required."""
    return Column(name, Kind.ID, meaning, required=True, refers=refers)


def person(name: str, meaning: str) -> Column:
    """The id of a person, firm, account or contact point, required; pseudonymised in loading."""
    return Column(name, Kind.PERSON, meaning, required=True)


def text(name: str, meaning: str) -> Column:
    """A short text, required."""
    return Column(name, Kind.TEXT, meaning, required=True)


def one_of(name: str, meaning: str, choices: str) -> Column:
    """One of the words in `choices` (space separated), required."""
    return Column(name, Kind.ENUM, meaning, required=True, choices=tuple(choices.split()))


def date(name: str, meaning: str) -> Column:
    """A calendar date, required."""
    return Column(name, Kind.DATE, meaning, required=True)


def stamp(name: str, meaning: str) -> Column:
    """A moment with its zone, required."""
    return Column(name, Kind.STAMP, meaning, required=True)


def money(name: str, meaning: str, *, signed: bool = False, positive: bool = False) -> Column:
    """An amount in the book's currency, required; not negative unless `signed`, above zero if `positive`."""
    least = float(-MAX_MONEY) if signed else 0.0
    return Column(
        name,
        Kind.MONEY,
        meaning,
        required=True,
        unit="currency",
        minimum=least,
        maximum=float(MAX_MONEY),
        exclusive_minimum=positive,
    )


def number(
    name: str, meaning: str, unit: str = "", minimum: float | None = None, maximum: float | None = None
) -> Column:
    """A decimal number, required."""
    return Column(name, Kind.NUMBER, meaning, required=True, unit=unit, minimum=minimum, maximum=maximum)


def count(name: str, meaning: str, unit: str = "", minimum: int = 0, maximum: int = MAX_COUNT) -> Column:
    """A whole number, required."""
    return Column(name, Kind.COUNT, meaning, required=True, unit=unit, minimum=minimum, maximum=maximum)


def flag(name: str, meaning: str) -> Column:
    """True or false, required."""
    return Column(name, Kind.FLAG, meaning, required=True)


def optional(column: Column) -> Column:
    """The same column, but it may be absent or empty."""
    return replace(column, required=False)


POSTED_AT = optional(stamp("posted_at", "when the lender knew the row"))
SOURCE = optional(text("source", "system or file the row came from"))
LOAN = ident("loan_id", "the loan", refers="loans.loan_id")
BORROWER = person("borrower_id", "the borrower")


def columns(*declared: Column) -> tuple[Column, ...]:
    """`declared`, then the two columns that every table has."""
    return (*declared, POSTED_AT, SOURCE)
