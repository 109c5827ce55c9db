"""What a column and a table of the input contract declare about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal


class Kind(StrEnum):
    """How the values of a column are read, and how they stand in memory after loading."""

    ID = "id"  # text key; int64 code, good for equality within one load
    PERSON = "person"  # id of a person or firm; keyed HMAC, int64 in memory
    TEXT = "text"  # free short text; kept for people, never a feature
    ENUM = "enum"  # one of `choices`; int8 position in `choices`
    DATE = "date"  # ISO date; int32 days since 1970-01-01
    STAMP = "timestamp"  # ISO timestamp with zone; int64 UTC microseconds
    MONEY = "money"  # decimal with two places; int64 minor units
    NUMBER = "number"  # float64
    COUNT = "count"  # whole number; int32
    FLAG = "flag"  # true or false; int8


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `minimum` and `maximum` are inclusive unless `exclusive_minimum` is set, in the unit of the file
    (money in major units). `required` columns must be present and filled in every row. `refers` names the
    column ("table.column") whose codes this one shares; `loans.loan_id`: a position in `Tables.loan_ids`.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    refers: str = ""


@dataclass(frozen=True)
class Table:
    """One table of the contract.

    `event_date` names the column that says when a row became true; None where a row has no date of its own.
    `realised` tables hold things that have happened: they cannot be posted before they happened.
    `lag_days` is the posting lag assumed where `posted_at` is missing. `constraints` says in words what the
    row checks hold the table to, beyond the bounds of its columns.
    """

    name: str
    meaning: str
    owner: Literal["loan", "borrower"]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    event_date: str | None = None
    required: bool = False
    realised: bool = False
    lag_days: int = 0
    constraints: str = ""

    @cached_property
    def _by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """The declared column names, in order."""
        return tuple(column.name for column in self.columns)

    def of_kind(self, *kinds: Kind) -> tuple[Column, ...]:
        """The columns of the given kinds, in order."""
        return tuple(column for column in self.columns if column.kind in kinds)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError where the table has none."""
        found = self._by_name.get(name)
        if found is not None:
            return found
        raise KeyError(f"{self.name} has no column {name!r}; it has {', '.join(c.name for c in self.columns)}")
