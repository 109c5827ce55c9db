"""The quick way to read a body and the close one: where the quick way answers, both say the same."""

from __future__ import annotations

import copy
import importlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.contract import TABLES
from book.encoding.columns import Read, Words
from book.request import example
from book.request.cells import LENGTH_BITS
from book.request.coding import TOO_MANY, code_texts
from book.request.plain import Body, read_plain

read_closely = importlib.import_module("book.request.decode")._read_closely


def written(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def held(read: Read) -> dict[str, list[Any]]:
    """Every column as a list, nothing missing: floats by their bits."""
    columns: dict[str, list[Any]] = {}
    for column in read.table.columns:
        found = read.columns.get(column.name)
        if isinstance(found, Words):
            columns[column.name] = [*found.words, *found.codes.tolist(), str(found.codes.dtype)]
        elif found is not None:
            whole = found.view(np.int64) if found.dtype == np.float64 else found
            columns[column.name] = [*whole.tolist(), str(found.dtype)]
    return {name: values for name, values in columns.items() if set(values[:-1]) != {-1}}


def same(quick: Body, close: Body) -> None:
    assert list(quick.reads) == list(close.reads)
    for name, read in quick.reads.items():
        assert held(read) == held(close.reads[name]), name
        assert read.rows.tolist() == close.reads[name].rows.tolist()
    assert (quick.as_of, quick.cutoff, quick.book_complete, quick.score, quick.model) == (
        close.as_of, close.cutoff, close.book_complete, close.score, close.model,
    )  # fmt: skip
    assert not close.twice


def agree(raw: bytes) -> bool:
    """Whether the quick way answers; what it says is what the close one says."""
    quick = read_plain(raw)
    if quick is not None:
        same(quick, read_closely(raw))
    return quick is not None


def with_everything() -> dict[str, Any]:
    """The example with a column of every kind filled and left out, in rows that differ."""
    body = copy.deepcopy(example())
    tables = body["tables"]
    tables["loans"][0] |= {"settlement_covenant": 0.3, "region": "华东", "purpose": "", "origination_pd": None}
    tables["payments"][0] |= {"principal": 12.5, "interest": "3", "fee": "+0.10", "penalty": 7}
    tables["payments"][1] |= {"source": "核心系统 A", "fail_reason": None}
    tables["loan_events"] = [
        {"event_id": "E1", "loan_id": "L-1001", "event_type": "waiver", "event_on": "2024-02-29", "distressed": False},
        {"event_id": "E2", "loan_id": "L-1001", "event_type": "hardship", "event_on": "2000-12-31", "detail": "x"},
    ]
    tables["contacts"] = [
        {
            "contact_id": "C1", "loan_id": "L-1001", "contact_point_id": "p", "at": "2024-01-31T23:59:59.25-11:30",
            "channel": "call", "direction": "out", "outcome": "ptp", "agent_type": "human",
        }
    ]  # fmt: skip
    tables["invoices"] = None
    return body | {"cutoff": "2024-06-30T15:59:59.999999Z", "model": None}


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n", " :\t")])
def test_what_systems_write_is_read_the_quick_way(separators: tuple[str, str]) -> None:
    for body in (example(), with_everything()):
        assert agree(json.dumps(body, ensure_ascii=False, separators=separators).encode())


def test_fields_may_come_in_any_order() -> None:
    body = with_everything()
    turned = dict(reversed(body.items())) | {
        "tables": {
            name: rows and [dict(reversed(row.items())) for row in rows]
            for name, rows in reversed(body["tables"].items())
        }
    }
    assert agree(written(turned))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", b"{", b'{"as_of"', b'{"as_of":"2024-06-30"', b"\xef\xbb\xbf{}",
        written(example()) + b"x", written(example())[:-1], written(example())[1:],
        written(example()).replace(b'"score"', b'"score":["L-1001"],"score"', 1),
        written(example()).replace(b'"loan_id"', b'"loan_id":"x","loan_id"', 1),
        written(example()).replace(b'"payments"', b'"payments":[],"payments"', 1),
        written(example()).replace(b"CNY", b"C\\u004eY", 1), written(example()).replace(b"CNY", b"C\xffY", 1),
        written(example()).replace(b"CNY", b"C\x7fY", 1), written(example()).replace(b"CNY", b"C\nY", 1),
        written(example()).replace(b"true", b"tru", 1), written(example()).replace(b"]", b",]", 1),
    ],
)  # fmt: skip
def test_what_is_not_plain_goes_the_other_way(body: bytes) -> None:
    assert read_plain(body) is None


VALUES = st.sampled_from(
    [
        '"2024-02-29"', '"2023-02-29"', '"1900-02-29"', '"2000-02-29"', '"2024-04-31"', '"2024-12-31"', '"2024-13-01"',
        '"2024-00-10"', '"2024-01-00"', '"1899-12-31"', '"1900-01-01"', '"2200-12-31"', '"2201-01-01"', '"0000-01-01"',
        '"2024-1-01"', '"2024/01/01"', '"20240101"', '" 2024-01-01"', '"2024-01-01 "', '"2024-01-01T00:00:00Z"',
        '"2024-01-01T00:00:00z"', '"2024-01-01 00:00:00Z"', '"2024-01-01T24:00:00Z"', '"2024-01-01T23:60:00Z"',
        '"2024-01-01T23:59:60Z"', '"2024-01-01T23:59:59+00:00"', '"2024-01-01T23:59:59-00:00"',
        '"2024-01-01T23:59:59+23:59"', '"2024-01-01T23:59:59+24:00"', '"2024-01-01T23:59:59+08:60"',
        '"2024-01-01T23:59:59+0800"', '"2024-01-01T23:59:59+08"', '"2024-01-01T23:59:59"', '"2024-01-01T23:59Z"',
        '"2024-01-01T01:02:03.Z"', '"2024-01-01T01:02:03.1Z"', '"2024-01-01T01:02:03.123456Z"',
        '"2024-01-01T01:02:03.1234567Z"', '"2200-12-31T23:59:59-12:00"', '"1900-01-01T00:00:00+08:00"',
        "0", "-0", "00", "01", "-1", "1.", ".5", "1.0", "1.10", "1.005", "1e2", "1E-2", "-0.0", "+1", "1120.5", "0.1",
        "9999999999999", "99999999999999", "10000000000000", "-9999999999999.99", "2000000000", "2000000001",
        "123456789012345", "0.123456789012345", "1234567890123456", "0.30000000000000004", "1e400", "NaN", "Infinity",
        '"0"', '"-0"', '"00"', '"1."', '".5"', '"+1"', '"1.005"', '"1.00"', '"-5.5"', '" 1"', '"1 "', '"1e2"', '""',
        '"--1"', '"-"', '"+"', '"."', '"9999999999999.99"', '"99999999999999"', '"10000000000000"', '"1,000"',
        "true", "false", "null", "True", "nul", "[]", "{}", '"L-1001"', '"l-1001"', '"x"', '"\\u0041"', '"\\n"',
        '"posted"', '"Posted"', '"day"', '"autopay"', '"person"', '"华东"', '"\u200b"', '"\u0085"', '"a\u2028b"',
    ]
)  # fmt: skip
PLACES = [
    (table, row, column)
    for table, rows in with_everything()["tables"].items()
    for row in range(min(2, len(rows or [])))
    for column in TABLES[table].names
]


@given(place=st.sampled_from([*PLACES, *(("", 0, name) for name in ("as_of", "cutoff", "model"))]), value=VALUES)
def test_any_value_in_any_place(place: tuple[str, int, str], value: str) -> None:
    table, row, column = place
    body = with_everything()
    (body["tables"][table][row] if table else body)[column] = "@here@"
    raw = written(body).replace(b'"@here@"', value.encode("utf-8", "surrogatepass"))
    quick = read_plain(raw)
    if quick is not None:
        same(quick, read_closely(raw))


WHOLE = written(with_everything())


@given(
    at=st.integers(0, len(WHOLE)),
    cut=st.integers(0, 3),
    put=st.binary(max_size=3) | st.sampled_from([b'"', b",", b":", b"{", b"}", b"[", b"]", b"\\", b" ", b"0", b"null"]),
)
def test_any_bytes_in_any_place(at: int, cut: int, put: bytes) -> None:
    raw = WHOLE[:at] + put + WHOLE[at + cut :]
    quick = read_plain(raw)
    if quick is not None:
        same(quick, read_closely(raw))


@given(st.lists(st.text(alphabet="ab", max_size=3), max_size=40))
def test_texts_are_coded_in_the_order_of_their_first_rows(texts: list[str]) -> None:
    body = example()
    pattern = body["tables"]["payments"][0]
    body["tables"]["payments"] = [pattern | {"payment_id": f"P{k}", "source": text} for k, text in enumerate(texts)]
    assert agree(written(body))


def test_texts_made_to_fall_together_are_given_up() -> None:
    size = 1 << 12
    texts = [f"{number:05d}" for number in range(60_000)]
    body = np.frombuffer("".join(texts).encode(), np.uint8)
    places = np.arange(len(texts)) * 5 << LENGTH_BITS | 5

    def slot_of(place: int) -> int:
        slots = np.full(size, -1, np.int32)
        code_texts(body, np.array([place]), slots, np.empty(1, np.int32), np.empty(1, np.int64))
        return int(np.flatnonzero(slots >= 0)[0])

    chosen = np.array([place for place in places.tolist() if slot_of(place) < size // 64])
    room = np.empty(len(chosen), np.int32), np.empty(len(chosen), np.int64)
    assert len(chosen) > 500
    count, _ = code_texts(body, chosen, np.empty(size, np.int32), *room)
    assert count == TOO_MANY
    count, _ = code_texts(body, places[: len(chosen)], np.empty(size, np.int32), *room)
    assert count == len(chosen)
