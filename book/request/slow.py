"""Every fault of a request that the fast path would not take, each with its path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from book.check.codes import CODES
from book.check.findings import Findings
from book.check.show import clipped
from book.contract import TABLES, Kind, Table
from book.contract.kinds import Column
from book.contract.limits import MAX_COUNT, MAX_MONEY
from book.encoding.columns import WORDED
from book.encoding.words import Unreadable, allowed, check_word, days, microseconds, read_word
from book.errors import Fault, nearest
from book.request.limits import MOST_FAULTS, MOST_ROWS, MOST_SCORED

_FIELDS: Final = ("as_of", "cutoff", "book_complete", "model", "score", "tables")
_REQUIRED: Final = ("as_of", "book_complete", "score", "tables")
_AS_OF: Final = Column("as_of", Kind.DATE, "")
_CUTOFF: Final = Column("cutoff", Kind.STAMP, "")
_FLAG: Final = Column("book_complete", Kind.FLAG, "")
_NAME: Final = Column("model", Kind.ID, "")
_WRITTEN: Final = frozenset({Kind.DATE, Kind.STAMP, Kind.ENUM, Kind.MONEY})


def fault(code: str, path: str, got: str = "", allowed: str = "", nearest: str = "") -> Fault:
    """A fault of a request that is not inside a table."""
    return Fault(code, CODES[code].what, got=got, allowed=allowed, nearest=nearest, path=path)


def request_faults(body: Any) -> list[Fault]:
    """All faults of a decoded JSON value that should be a request."""
    if not isinstance(body, dict):
        return [fault("malformed", "", _kind(body), "an object with the fields " + ", ".join(_FIELDS))]
    faults = [
        fault("unknown_field", clipped(name), clipped(name), ", ".join(_FIELDS), nearest(str(name), _FIELDS))
        for name in body
        if name not in _FIELDS
    ]
    faults += [fault("missing_value", name) for name in _REQUIRED if name not in body]
    faults += _plain(body, (_AS_OF, _FLAG), optional=False) + _plain(body, (_CUTOFF, _NAME), optional=True)
    if "score" in body:
        faults += _score_faults(body["score"])
    return faults + (tables_faults(body["tables"]) if "tables" in body else [])


def _plain(body: Mapping[str, Any], columns: tuple[Column, ...], *, optional: bool) -> list[Fault]:
    faults = []
    for column in columns:
        if column.name not in body or (optional and body[column.name] is None):
            continue
        wrong = unreadable(column, body[column.name])
        if wrong:
            got = clipped(body[column.name])
            faults.append(fault(wrong.code, column.name, got, wrong.allowed, wrong.nearest))
    return faults


def _score_faults(score: Any) -> list[Fault]:
    if not isinstance(score, list) or not 1 <= len(score) <= MOST_SCORED:
        got = f"{len(score):,} entries" if isinstance(score, list) else _kind(score)
        return [fault("wrong_type", "score", got, f"a list of 1 to {MOST_SCORED:,} loan ids")]
    found = []
    for k, value in enumerate(score):
        wrong = unreadable(_NAME, value)
        if wrong:
            found.append(fault(wrong.code, f"score[{k}]", clipped(value), wrong.allowed))
    return found


def tables_faults(tables: Any) -> list[Fault]:
    """All faults of the tables of a request: forms, names, values."""
    if not isinstance(tables, dict):
        return [fault("wrong_type", "tables", _kind(tables), "an object of tables, each a list of rows")]
    findings = Findings(in_request=True)
    outside = []
    for name in tables:
        if name not in TABLES:
            names = tuple(TABLES)
            outside.append(
                fault(
                    "unknown_field",
                    f"tables.{clipped(name)}",
                    clipped(name),
                    ", ".join(names),
                    nearest(str(name), names),
                )
            )
    total = sum(len(rows) for rows in tables.values() if isinstance(rows, list))
    if total > MOST_ROWS:
        return [fault("too_many_rows", "tables", f"{total:,} rows", f"at most {MOST_ROWS:,} rows")]
    for name, table in TABLES.items():
        rows = tables.get(name)
        if rows is None and (not table.required or name not in tables):
            if table.required:
                findings.whole("missing_table", name, allowed="a list of rows, it may be empty")
        elif not isinstance(rows, list):
            findings.whole("wrong_type", name, got=_kind(rows), allowed="a list of rows")
        else:
            _table_faults(table, rows, findings)
    return outside + findings.faults


def _table_faults(table: Table, rows: list[Any], findings: Findings) -> None:
    """Faults of one table, gathered by column and code; after `MOST_FAULTS` of them the rest is not read."""
    found: defaultdict[tuple[str, str], list[tuple[int, str, Unreadable]]] = defaultdict(list)
    total = 0
    for k, row in enumerate(rows):
        for column, got, wrong in _row_faults(table, row):
            found[wrong.code, column].append((k, got, wrong))
            total += 1
        if total >= MOST_FAULTS:
            break
    for (code, column), cells in found.items():
        places, gots, wrongs = zip(*cells, strict=True)
        findings.at(
            code,
            table.name,
            np.array(places, np.int64),
            column,
            got=gots.__getitem__,
            allowed=lambda k, wrongs=wrongs: wrongs[k].allowed,  # type: ignore[misc]
            nearest=lambda k, wrongs=wrongs: wrongs[k].nearest,  # type: ignore[misc]
        )
    if total >= MOST_FAULTS:
        findings.whole("more_faults", table.name, got=f"{total:,} faults so far")


def _row_faults(table: Table, row: Any) -> Iterator[tuple[str, str, Unreadable]]:
    """Column, what was got, and what is wrong, for each fault of a row."""
    if not isinstance(row, dict):
        yield "", _kind(row), Unreadable("wrong_type", "an object, one field per column")
        return
    names = table.names
    for name in row:
        if name not in names:
            near = nearest(str(name), names)
            yield clipped(name), clipped(name), Unreadable("unknown_field", ", ".join(names), near)
    for column in table.columns:
        wrong = _cell(column, row.get(column.name))
        if wrong:
            got = "nothing" if wrong.code == "missing_value" else _got(column, row[column.name])
            yield column.name, got, wrong


def _cell(column: Column, value: Any) -> Unreadable | None:
    if value is None:
        return Unreadable("missing_value", allowed(column)) if column.required else None
    return unreadable(column, value)


def unreadable(column: Column, value: Any) -> Unreadable | None:
    """What is wrong with a JSON value (or a Python date or moment) as one of `column`; None if nothing."""
    try:
        if column.kind in WORDED:
            return _word(column, value)
        if isinstance(value, str) and column.kind in _WRITTEN:
            read_word(column, value)
        elif column.kind is Kind.DATE and isinstance(value, date) and not isinstance(value, datetime):
            days(value)
        elif column.kind is Kind.STAMP and isinstance(value, datetime):
            microseconds(value)
        else:
            return _number(column, value)
    except Unreadable as wrong:
        return wrong
    return None


def _word(column: Column, value: Any) -> Unreadable | None:
    if not isinstance(value, str):
        return Unreadable("wrong_type", allowed(column))
    if not value and column.kind is not Kind.TEXT:
        return Unreadable("missing_value", allowed(column))
    check_word(value)
    return None


def _number(column: Column, value: Any) -> Unreadable | None:
    """Faults of a value that must be a JSON number or a truth value."""
    if isinstance(value, bool):
        return None if column.kind is Kind.FLAG else Unreadable("wrong_type", allowed(column))
    fits = {Kind.MONEY: (int, float), Kind.NUMBER: (int, float), Kind.COUNT: (int,)}.get(column.kind, ())
    if not isinstance(value, fits):
        return Unreadable("wrong_type", allowed(column))
    if isinstance(value, float) and not np.isfinite(value):
        return Unreadable("non_finite", allowed(column))
    most = {Kind.MONEY: MAX_MONEY, Kind.COUNT: MAX_COUNT}.get(column.kind, 1e308)
    if abs(value) > most:
        return Unreadable("out_of_range", allowed(column))
    if column.kind is Kind.MONEY and round(value * 100) / 100 != value:
        return Unreadable("too_many_decimals", allowed(column))
    return None


def _got(column: Column, value: Any) -> str:
    return "(not shown)" if column.kind is Kind.PERSON else clipped(value)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
