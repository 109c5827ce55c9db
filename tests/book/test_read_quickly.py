"""Short ways of reading give what the long ones give: words without codes, orders without sorting, days looked up."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.check.balances import continuity
from book.check.findings import Findings
from book.check.subject import Subject
from book.clock import end_of_day
from book.contract import TABLES
from book.encoding.columns import Read, coded
from book.encoding.order import by_owner, in_order, ranked
from book.load.words import Written
from book.tables import MISSING_MONEY, Frame

ZONES = ("Asia/Shanghai", "Europe/Berlin")
words = st.lists(st.sampled_from(["a", "b", "bb", "", "é", "13812345678", None]), max_size=40)
whole_numbers = st.lists(st.integers(-(2**40), 2**40), max_size=50)


@given(words, st.integers(1, 5))
def test_written_words_have_the_codes_of_words_at_hand(values: list[str | None], times: int) -> None:
    values = [value for value in values for _ in range(times)]
    written = Written(pl.Series(values, dtype=pl.String))
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    assert written.words == distinct
    assert written.codes.tolist() == [-1 if value is None else distinct.index(value) for value in values]
    assert written.filled == sum(value is not None for value in values)
    good = np.arange(len(values)) % 3 > 0
    assert written.at(good).codes.tolist() == written.codes[good].tolist()


@given(words)
def test_words_of_a_form_are_counted_alike(values: list[str | None]) -> None:
    test = re.compile("1[0-9]+").fullmatch
    of_codes = coded([value or None for value in values]).found("1", lambda word: test(word) is not None)
    assert Written(pl.Series(values, dtype=pl.String)).found("1", lambda word: test(word) is not None) == of_codes


@given(words, words)
def test_words_of_two_columns_share_codes(here: list[str | None], there: list[str | None]) -> None:
    ours, theirs = (Written(pl.Series(values, dtype=pl.String)) for values in (here, there))
    codes = ours.shared(theirs).tolist()
    for word, code in zip(here, codes, strict=True):
        assert (code == -1) == (word is None)
        if word in there and word is not None:
            assert code == theirs.words.index(word)


@pytest.mark.parametrize(("word", "plain"), [("fine", True), ("a\x01", False), ("\x7f", False), ("x" * 101, False)])
def test_a_word_to_be_looked_at_is_seen(word: str, plain: bool) -> None:
    for others in (["x"] * 50, [f"T{k}" for k in range(50)]):
        assert Written(pl.Series([*others, word])).plain() == plain


@given(whole_numbers, st.integers(0, 30))
def test_the_short_sorting_order_is_stable(values: list[int], shift: int) -> None:
    key = np.array(values, np.int64) << shift >> 20
    assert ranked(key).tolist() == np.argsort(key, kind="stable").tolist()
    then = key[::-1].copy()
    assert in_order(key, then).tolist() == np.lexsort((then, key)).tolist()


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-3, 9)), max_size=40), st.booleans())
def test_rows_are_ordered_by_owner_and_day_whatever_their_order(rows: list[tuple[int, int]], by_day: bool) -> None:
    rows = sorted(rows, key=lambda row: row[1]) if by_day else rows
    owner, day = (np.array([row[k] for row in rows], np.int32) for k in (0, 1))
    key = owner.astype(np.int64) * 100 + np.maximum(day, 0)
    found = by_owner(owner, day, 0)
    in_turn = np.argsort(key, kind="stable").tolist()
    assert (list(range(len(rows))) if found is None else found.tolist()) == in_turn


@given(
    st.lists(st.integers(-25_000, 80_000), min_size=1, max_size=5), st.sampled_from(["Asia/Shanghai", "Europe/Berlin"])
)
def test_the_end_of_a_day_is_that_of_the_calendar(days: list[int], zone: str) -> None:
    for day, end in zip(days, end_of_day(np.array(days), zone).tolist(), strict=True):
        midnight = (datetime(1970, 1, 1) + timedelta(days=day + 1)).replace(tzinfo=ZoneInfo(zone))
        assert end + 1 == (midnight.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([None, 0, 5, 7]), st.sampled_from([5, 2])), max_size=25))
def test_a_balance_is_followed_through_accounts_in_any_order(moves: list[tuple[int, int | None, int]]) -> None:
    left: dict[int, int] = {}
    breaks = []
    for row, (account, balance, amount) in enumerate(moves, start=1):
        if balance is not None:
            if account in left and balance != left[account] + amount:
                breaks.append(row)
            left[account] = balance
    account, balance, amount = (np.array([move[k] for move in moves], object) for k in range(3))
    columns = {
        "account_id": account.astype(np.int64),
        "balance_after": np.where(balance == None, MISSING_MONEY, balance).astype(np.int64),  # noqa: E711
        "amount": amount.astype(np.int64),
    }
    rows, findings = np.arange(len(moves)), Findings()
    continuity(Subject(Frame(columns, rows), Read(TABLES["cashflow"], columns, rows), findings))
    assert [fault.row for fault in findings.report().warnings] == breaks
