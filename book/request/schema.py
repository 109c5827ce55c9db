"""The form of a request as JSON Schema, with a worked example; both from the contract's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from book.contract import TABLES, Kind, Table
from book.contract.kinds import Column
from book.contract.limits import MAX_COUNT, MAX_MONEY, MAX_TEXT
from book.request.limits import MOST_SCORED

_DATE: Final = {"type": "string", "format": "date"}
_STAMP: Final = {"type": "string", "format": "date-time"}
_DECIMAL: Final = r"^[+-]?[0-9]+(\.[0-9]{1,2})?$"


def request_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one request; tables are written out, so nothing is referred to."""
    rows = {name: _table(table) for name, table in TABLES.items()}
    properties: dict[str, Any] = {
        "as_of": {**_DATE, "description": "the day scored; its end is the cut-off unless one is given"},
        "cutoff": _nullable({**_STAMP, "description": "only rows known by this moment count"}),
        "book_complete": {"type": "boolean", "description": "are all loans of the borrower here?"},
        "model": _nullable({"type": "string", "description": "the model that must answer"}),
        "score": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": MOST_SCORED,
            "description": "ids of the loans to score",
        },
        "tables": {
            "type": "object",
            "description": "the borrower's rows; an absent optional table makes its features missing",
            "properties": rows,
            "required": [name for name, table in TABLES.items() if table.required],
            "additionalProperties": False,
        },
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["as_of", "book_complete", "score", "tables"],
        "additionalProperties": False,
    }


def _table(table: Table) -> dict[str, Any]:
    row = {
        "type": "object",
        "properties": {column.name: _column(column) for column in table.columns},
        "required": [column.name for column in table.columns if column.required],
        "additionalProperties": False,
    }
    return {"type": "array", "description": table.meaning, "items": row}


def _column(column: Column) -> dict[str, Any]:
    unit = f" ({column.unit})" if column.unit else ""
    schema = _FORMS.get(column.kind, lambda _: {})(column) | {"description": column.meaning + unit}
    return schema if column.required else _nullable(schema)


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" not in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "enum" in schema:
        schema = schema | {"enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]}


def _bounds(column: Column) -> dict[str, Any]:
    low = "exclusiveMinimum" if column.exclusive_minimum else "minimum"
    bounds = {low: column.minimum, "maximum": column.maximum}
    return {name: value for name, value in bounds.items() if value is not None}


def _money(column: Column) -> dict[str, Any]:
    number = {"type": "number", "maximum": float(MAX_MONEY)} | _bounds(column)
    return {"anyOf": [number, {"type": "string", "pattern": _DECIMAL}]}


_FORMS: Final[Mapping[Kind, Any]] = {
    Kind.ID: lambda _: {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
    Kind.PERSON: lambda _: {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
    Kind.TEXT: lambda _: {"type": "string", "maxLength": MAX_TEXT},
    Kind.ENUM: lambda column: {"type": "string", "enum": list(column.choices)},
    Kind.DATE: lambda _: dict(_DATE),
    Kind.STAMP: lambda _: dict(_STAMP),
    Kind.MONEY: _money,
    Kind.NUMBER: lambda column: {"type": "number"} | _bounds(column),
    Kind.COUNT: lambda column: {"type": "integer", "maximum": MAX_COUNT} | _bounds(column),
    Kind.FLAG: lambda _: {"type": "boolean"},
}
