"""`docs/contract.md`: every table and column of the input contract."""

from __future__ import annotations

from collections.abc import Mapping

from book.check.codes import Code, Effect
from book.contract.kinds import Column, Kind, Table
from book.contract.limits import FIRST_DATE, LAST_DATE

_INTRODUCTION = f"""\
# Input contract

A book is a folder with one file per table: `loans.parquet` or `loans.csv`, or a folder `loans/` of Parquet
files. A large book may be cut by borrower into `part-00000/`, `part-00001/` and so on, each with its tables.
Tables in **bold** are required; an absent table makes what is derived from it missing, never zero.

Money is decimal with two places in one currency per book, rates are decimals a year (0.18), dates are ISO
dates from {FIRST_DATE.year} to {LAST_DATE.year}, timestamps carry a zone. `posted_at` is the moment the
lender knew the row; where it is missing it is taken as the end of the event day plus the table's posting lag.
Corrections are new rows; nothing is updated in place. Ids of persons, firms and accounts are replaced by a
keyed hash in loading; names, phone numbers and identity numbers are refused.

A bound in brackets is inclusive; `>` is exclusive."""


_FAULTS = """\
## Faults

What follows from a fault in a file: *refuse* the whole batch, set the row aside (*quarantine*; its loan then has the
status `data_fault`), or *warn* and accept. A request is refused for everything but a warning.

| code | meaning | what follows |
|--|--|--|"""


def contract_page(tables: Mapping[str, Table], codes: Mapping[str, Code]) -> str:
    """The page; one section per table, in the order of the contract, then what follows from each kind of fault."""
    parts = [_INTRODUCTION, "", "| table | what a row is | key | event day |", "|--|--|--|--|"]
    for table in tables.values():
        name = f"**[{table.name}](#{table.name})**" if table.required else f"[{table.name}](#{table.name})"
        key = ", ".join(f"`{column}`" for column in table.key)
        parts.append(f"| {name} | {table.meaning} | {key} | {_event(table)} |")
    for table in tables.values():
        parts += ["", *_section(table)]
    ordered = sorted(codes.values(), key=lambda code: list(Effect).index(code.effect))
    faults = [f"| `{code.name}` | {code.what} | {code.effect} |" for code in ordered]
    return "\n".join([*parts, "", _FAULTS, *faults])


def _event(table: Table) -> str:
    return f"`{table.event_date}`" if table.event_date else ""


def _section(table: Table) -> list[str]:
    lines = [f"## {table.name}", "", table.meaning]
    if table.constraints:
        lines += ["", f"Checked: {table.constraints}."]
    if table.lag_days:
        lines += ["", f"Posting lag where `posted_at` is missing: {table.lag_days} days."]
    lines += ["", "| column | kind | needed | meaning | allowed |", "|--|--|--|--|--|"]
    for column in table.columns:
        needed = "yes" if column.required else ""
        allowed = _allowed(column) if column.refers != f"{table.name}.{column.name}" else ""
        lines.append(f"| `{column.name}` | {column.kind} | {needed} | {column.meaning} | {allowed} |")
    return lines


def _allowed(column: Column) -> str:
    if column.choices:
        return ", ".join(f"`{choice}`" for choice in column.choices)
    if column.kind is Kind.FLAG:
        return "`true`, `false`"
    if column.refers:
        return f"as in `{column.refers}`"
    return _bounds(column)


def _bounds(column: Column) -> str:
    least, most = column.minimum, column.maximum
    if column.kind in (Kind.MONEY, Kind.COUNT):
        most = None  # the technical limit of these kinds says nothing to a reader
        least = None if column.kind is Kind.MONEY and (least or 0) < 0 else least
    unit = f" {column.unit}" if column.unit and column.kind is not Kind.MONEY else ""
    if least is None and most is None:
        return unit.strip()
    if most is None:
        return f"{'>' if column.exclusive_minimum else '>='} {least:g}{unit}"
    low = "" if least is None else f"{least:g}"
    return f"{'(' if column.exclusive_minimum else '['}{low}, {most:g}]{unit}"
