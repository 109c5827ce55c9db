"""Tables as bytes and back, bit by bit: what a score was computed from, without any id of a person.

MessagePack of the numpy columns; a column of one value is kept as that value. Plain Python and numpy: it is made on the
way of every request.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from book.tables import Array, Frame, Tables

FORM: Final = 1
_ENCODER: Final = msgspec.msgpack.Encoder()


def pack_tables(tables: Tables) -> bytes:
    """The tables of a request as the scorer saw them: pseudonyms for persons, pay dates and amounts as they were."""
    return _ENCODER.encode(
        {
            "form": FORM,
            "frames": {name: _frame(frame) for name, frame in tables.frames.items()},
            "loan_ids": tables.loan_ids.tolist(),
            "borrower_ids": tables.borrower_ids.tolist(),
            "arrays": {
                "data_fault_on": _column(tables.data_fault_on),
                "mismatch": _column(tables.mismatch),
                "book_complete": _column(tables.book_complete),
            },
            "extra": {name: _column(values) for name, values in tables.extra.items()},
        }
    )


def unpack_tables(content: bytes) -> Tables:
    """The tables again. Raises ValueError where the bytes are of another form."""
    found = msgspec.msgpack.decode(content)
    if not isinstance(found, dict) or found.get("form") != FORM:
        raise ValueError(f"tables of another form; allowed: {FORM}")
    return Tables(
        frames={
            name: Frame({column: _array(packed) for column, packed in columns.items()}, _array(rows))
            for name, (columns, rows) in found["frames"].items()
        },
        loan_ids=_objects(found["loan_ids"]),
        borrower_ids=_objects(found["borrower_ids"]),
        **{name: _array(packed) for name, packed in found["arrays"].items()},
        extra={name: _array(packed) for name, packed in found["extra"].items()},
    )


def _frame(frame: Frame) -> tuple[dict[str, Any], Any]:
    return {name: _column(frame[name]) for name in frame.columns}, _column(frame.rows)


def _column(values: Array) -> tuple[str, int, Any]:
    """Type, length, and the values: as bytes, those of one value only once; texts as a list."""
    n = len(values)
    if values.dtype == object:
        texts = values.tolist()
        return "O", n, texts[:1] if n and texts.count(texts[0]) == n else texts
    content = values.tobytes()
    size = values.dtype.itemsize
    if n > 1 and content[:size] == content[-size:] and content == content[:size] * n:
        content = content[:size]
    return values.dtype.str, n, content


def _array(packed: Any) -> Array:
    kind, n, content = packed
    if kind == "O":
        return _objects(content * n if len(content) == 1 else content)
    values = np.frombuffer(content, np.dtype(kind))
    return np.repeat(values, n) if len(values) == 1 and n > 1 else values.copy()


def _objects(texts: list[Any]) -> Array:
    made = np.empty(len(texts), object)
    made[:] = texts
    return made
