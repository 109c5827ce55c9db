"""Values of read columns as people write them, for the texts of faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from book.contract import Kind
from book.contract.kinds import Column
from book.encoding.columns import WORDED, Read, Words, is_missing
from book.tables import Array

_UTC_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 60


def day(value: int) -> str:
    """ISO date of a day number."""
    return (date(1970, 1, 1) + timedelta(days=int(value))).isoformat()


def moment(value: int) -> str:
    """ISO moment, in UTC, of a number of microseconds."""
    return (_UTC_EPOCH + timedelta(microseconds=int(value))).isoformat().replace("+00:00", "Z")


def money(value: int) -> str:
    """Minor units as a decimal."""
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(int(value)) // 100}.{abs(int(value)) % 100:02d}"


def clipped(value: object) -> str:
    """A raw value as text, cut where long."""
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def shown(column: Column, value: Any) -> str:
    """One value in memory as it would stand in a file; persons are never shown."""
    if column.kind is Kind.PERSON:
        return "(an id, not shown)"
    if column.kind is Kind.DATE:
        return day(value)
    if column.kind is Kind.STAMP:
        return moment(value)
    if column.kind is Kind.MONEY:
        return money(value)
    if column.kind is Kind.ENUM:
        return column.choices[int(value)]
    return clipped(value.item() if isinstance(value, np.generic) else value)


def got(read: Read, name: str, index: Array) -> Callable[[int], str]:
    """A maker of the text of column `name` at the k-th of `index` (positions in the read table)."""
    column = read.table.column(name)

    def text(k: int) -> str:
        values = read.words(name) if column.kind in WORDED else read.values(name)
        if isinstance(values, Words):
            code = int(values.codes[index[k]])
            return shown(column, values.words[code]) if code >= 0 else "nothing"
        value = values[index[k]]
        return "nothing" if is_missing(column.kind, values[index[k] : index[k] + 1])[0] else shown(column, value)

    return text


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def limits(column: Column) -> str:
    """The bounds of a column in words."""
    low = (
        f"{'above' if column.exclusive_minimum else 'from'} {_figure(column.minimum)}"
        if column.minimum is not None
        else ""
    )
    high = f"to {_figure(column.maximum)}" if column.maximum is not None else ""
    return " ".join(part for part in (low, high) if part)
