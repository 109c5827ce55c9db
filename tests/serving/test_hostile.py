"""Whatever is sent, the API answers with a score or a fault of the sender, never with a failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

Body = dict[str, Any]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.sampled_from(["", "9999-12-31", "0001-01-01", "1e308", "NaN", "\u0000", "\ud83d", "2023-02-29", "💥" * 50]),
    st.text(max_size=20),
    st.recursive(st.none(), lambda x: st.lists(x, max_size=2) | st.dictionaries(st.text(max_size=3), x, max_size=2)),
)


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert all(fault["what"] for fault in answer.json()["faults"])


@given(data=st.data(), odd=ODD)
def test_one_odd_value_anywhere_is_never_a_failure(
    data: st.DataObject, odd: Any, bodies: list[Body], post: Callable[..., Any]
) -> None:
    body = deepcopy(bodies[data.draw(st.integers(0, 4))])
    place: Any = body
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(min(len(place), 5))
        if not keys:
            break
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = odd
            break
        place = place[key]
    text = json.dumps(body).encode()
    check(post("/v1/scores", text))
    check(post("/v1/scores/batch", b'{"requests": [' + text + b"]}"))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1969-12-31", "2200-01-01", "1900-01-01"])
def test_a_day_far_away_is_never_a_failure(day: str, body: Body, post: Callable[..., Any]) -> None:
    check(post("/v1/scores", body | {"as_of": day}))


def test_rows_given_twice_and_fields_given_twice_are_never_a_failure(body: Body, post: Callable[..., Any]) -> None:
    body["tables"]["payments"] *= 2
    check(post("/v1/scores", body))
    twice = json.dumps(body)[:-1] + ', "as_of": "2023-01-31"}'
    check(post("/v1/scores", twice.encode()))


def test_a_hundred_thousand_rows_are_answered(body: Body, post: Callable[..., Any]) -> None:
    row = {"txn_id": "t", "borrower_id": body["tables"]["loans"][0]["borrower_id"], "account_id": "a",
           "booked_on": "2023-01-05", "amount": "1.00"}  # fmt: skip
    body["tables"]["cashflow"] = [row | {"txn_id": f"t{k}"} for k in range(60_000)]
    check(post("/v1/scores", body))
