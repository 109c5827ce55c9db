"""Requests: every fault has its path, and no body does anything but answer or be refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.clock import end_of_day
from book.errors import RequestRefused
from book.pseudonym import Pseudonyms
from book.request import Request, decode, decode_batch, example, request_schema, tables_from_rows
from book.request.limits import MOST_ROWS
from book.settings import Settings

SETTINGS = Settings()
KEY = Pseudonyms(b"a key for tests only")


def refused(body: Any) -> list[str]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(RequestRefused) as refusal:
        decode(raw, SETTINGS, KEY)
    return [str(fault) for fault in refusal.value.faults]


def test_the_example_is_read_whole() -> None:
    request = decode(msgspec.json.encode(example()), SETTINGS, KEY)
    assert request.loans.tolist() == [0]
    assert request.as_of == (np.datetime64("2024-06-30") - np.datetime64("1970-01-01")).astype(int)
    assert request.cutoff is None
    assert request.tables["payments"]["amount"].tolist()[:2] == [112_000, 111_000]
    assert not request.tables["loans"]["knowledge_assumed"].any()


def test_every_wrong_value_is_told_with_its_path() -> None:
    body = example()
    payments = body["tables"]["payments"]
    payments[3]["amount"] = "12.345"
    payments[4]["purpose"] = "scheduld"
    payments[5]["note"] = 1
    del payments[0]["paid_on"]
    body["as_of"] = "2024-06-31"
    texts = refused(body)
    assert [text.split(":")[0] for text in texts] == [
        "as_of",
        "tables.payments[0].paid_on",
        "tables.payments[3].amount",
        "tables.payments[4].purpose",
        "tables.payments[5].note",
    ]
    assert texts[2] == (
        "tables.payments[3].amount: money has more than two decimals; got: 12.345; "
        "allowed: a decimal with at most two places, at most 10,000,000,000,000 either way"
    )
    assert texts[3].endswith("nearest: scheduled")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("amount", "1e5", "wrong_type"),
        ("amount", True, "wrong_type"),
        ("amount", 0.005, "too_many_decimals"),
        ("amount", 1e308, "out_of_range"),
        pytest.param("amount", 10**400, "out_of_range", id="a number of 400 digits"),
        ("paid_on", "9999-12-31", "bad_date"),
        ("paid_on", 20240630, "wrong_type"),
        ("posted_at", "2024-01-20T10:00:00", "bad_stamp"),
        ("alloc_instalment_no", "3", "wrong_type"),
        ("alloc_instalment_no", 1.5, "wrong_type"),
        ("alloc_instalment_no", 2**40, "out_of_range"),
        ("payment_id", "", "missing_value"),
        ("payment_id", 7, "wrong_type"),
        ("payment_id", "x" * 3000, "too_long"),
        ("source", "a\x00b", "not_text"),
        ("status", None, None),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(column: str, value: Any, code: str | None) -> None:
    body = example()
    body["tables"]["payments"][0][column] = value
    if code is None:
        assert isinstance(decode(json.dumps(body).encode(), SETTINGS, KEY), Request)
        return
    with pytest.raises(RequestRefused) as refusal:
        decode(json.dumps(body).encode(), SETTINGS, KEY)
    assert [fault.code for fault in refusal.value.faults] == [code]


def test_a_field_given_twice_is_refused() -> None:
    body = msgspec.json.encode(example()).replace(b'"amount":"1120.00"', b'"amount":"1120.00","amount":"9.00"', 1)
    assert refused(body) == [
        "tables.payments[0].amount: the field is given twice; got: amount; allowed: each field once"
    ]


def test_unusual_spacing_and_nulls_are_no_faults() -> None:
    body = example()
    body["tables"]["payments"][0]["fail_reason"] = None
    body["cutoff"] = None
    raw = json.dumps(body, indent=1, separators=(",", " : ")).encode()
    assert isinstance(decode(raw, SETTINGS, KEY), Request)


def test_loans_to_score_must_be_in_the_request() -> None:
    (text,) = refused(example() | {"score": ["L-1002"]})
    assert text == (
        "score[0]: the loan to score is not among the loans of the request; got: L-1002; allowed: L-1001; "
        "nearest: L-1001"
    )


def test_a_request_is_of_one_borrower() -> None:
    body = example()
    body["tables"]["loans"].append(body["tables"]["loans"][0] | {"loan_id": "L-2", "borrower_id": "B-9"})
    assert refused(body) == [
        "tables.loans[1].borrower_id: the row is of another borrower; allowed: one borrower per request"
    ]


def test_too_many_rows_are_refused() -> None:
    body = example()
    body["tables"]["payments"] = body["tables"]["payments"][:1] * (MOST_ROWS + 1)
    assert refused(body)[0].startswith("tables: the request has too many rows")


def test_no_more_faults_are_looked_for_than_people_can_read() -> None:
    body = example()
    body["tables"]["payments"] = [{f"field{k}_{j}": "x" for j in range(10)} for k in range(20_000)]
    texts = refused(body)
    assert len(texts) < 1_100
    assert texts[-1] == "tables.payments: there are more faults than are listed; got: 1,008 faults so far"


def test_an_absent_table_stays_absent() -> None:
    body = example()
    del body["tables"]["loan_events"]
    tables = decode(json.dumps(body).encode(), SETTINGS, KEY).tables
    assert "loan_events" not in tables
    assert "cashflow" not in tables


def test_a_missing_posting_is_the_end_of_the_day_plus_the_lag() -> None:
    body = example()
    del body["tables"]["payments"][0]["posted_at"]
    settings = Settings(posting_lag_days={"payments": 2})
    payments = decode(json.dumps(body).encode(), settings, KEY).tables["payments"]
    assert payments["knowledge_assumed"].tolist() == [True] + [False] * 7
    assert payments["posted_at"][0] == end_of_day(payments["paid_on"][:1] + 2, settings.timezone)[0]


def test_a_batch_answers_each_request_by_itself() -> None:
    broken = example() | {"as_of": "never"}
    answers = decode_batch(json.dumps({"requests": [example(), broken, 3]}).encode(), SETTINGS, KEY)
    assert isinstance(answers[0], Request)
    assert str(answers[1].faults[0]).startswith("as_of: the value is not a date")  # type: ignore[union-attr]
    assert isinstance(answers[2], RequestRefused)
    with pytest.raises(RequestRefused):
        decode_batch(b'{"requests": []}', SETTINGS, KEY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"NaN",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"as_of": NaN}',
        b'{"as_of": 1e999}',
        b'{"tables": {"loans": [[]], "payments": 3, "nothing": []}}',
        b'{"as_of":"2024-01-01","book_complete":true,"score":["\\ud800"],"tables":{}}',
    ],
)
def test_a_hostile_body_is_refused(body: bytes) -> None:
    assert refused(body)


def msgspec_reads(raw: bytes) -> bool:
    """Whether the bytes are JSON at all (Python's writer also writes NaN)."""
    try:
        msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return False
    return True


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["9999-12-31", "L-1001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PLACES = st.sampled_from(
    [
        ("as_of",),
        ("cutoff",),
        ("score",),
        ("model",),
        ("tables",),
        ("tables", "loans"),
        ("tables", "loans", 0),
        *(
            ("tables", "loans", 0, name)
            for name in ("loan_id", "principal", "annual_rate", "disbursed_on", "firm_size")
        ),
        *(("tables", "payments", 1, name) for name in ("amount", "paid_on", "posted_at", "reverses_id", "status")),
        *(("tables", "instalments", 2, name) for name in ("due_on", "schedule_version", "instalment_no", "source")),
    ]
)


@given(place=PLACES, value=JSON)
def test_whatever_stands_in_a_place_the_answer_is_a_request_or_a_refusal(place: tuple[Any, ...], value: Any) -> None:
    body: Any = copy.deepcopy(example())
    inner = body
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    raw = json.dumps(body).encode()
    (answer,) = decode_batch(b'{"requests":[' + raw + b"]}", SETTINGS, KEY) if msgspec_reads(raw) else (None,)
    if isinstance(answer, Request):
        assert decode(raw, SETTINGS, KEY).as_of == answer.as_of
    else:
        assert refused(raw)


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_refused(body: bytes) -> None:
    with pytest.raises(RequestRefused):
        decode(body, SETTINGS, KEY)


def test_the_schema_names_every_column() -> None:
    schema = request_schema()["properties"]["tables"]["properties"]
    for table, rows in example()["tables"].items():
        for row in rows:
            assert row.keys() <= schema[table]["items"]["properties"].keys()
            assert set(schema[table]["items"]["required"]) <= row.keys()


def test_rows_in_memory_may_hold_python_values(rows: Any, settings: Settings, pseudonyms: Pseudonyms) -> None:
    from datetime import date, datetime
    from decimal import Decimal

    typed = copy.deepcopy(rows)
    for payment in typed["payments"]:
        payment["amount"] = Decimal(payment["amount"])
        payment["paid_on"] = date.fromisoformat(payment["paid_on"])
        payment["posted_at"] = datetime.fromisoformat(payment["posted_at"])
    plain = tables_from_rows(rows, settings, pseudonyms)["payments"]
    same = tables_from_rows(typed, settings, pseudonyms)["payments"]
    for name, values in plain.columns.items():
        assert values.tolist() == same[name].tolist() or values.dtype.kind == "f"
