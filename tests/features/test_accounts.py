"""Columns read from accounts: same bits alone and in a chunk, in any order of rows, whatever comes later."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from asking import bits, columns, matrix, tables_of
from golden_cases import LOAN
from hypothesis import given, settings
from hypothesis import strategies as st
from random_books import Book, Moment, examples

from book.settings import Settings
from features.account_sums import WEEKS, unusual_spending
from features.catalogue import CATALOGUE

START, DAYS = date(2023, 1, 1), 520
CATEGORIES = (
    "salary",
    "business_income",
    "transfer",
    "loan_in",
    "loan_repayment",
    "refund",
    "cash",
    "essential",
    "tax",
)
MONTHLY = [date(2023 + m // 12, m % 12 + 1, 20) for m in range(2, 19)]
AMOUNTS = (-3000, -1000, -980, -40, 0, 25, 990, 1000, 3000)


@st.composite
def account_rows(draw: Any, borrower: str) -> list[dict[str, Any]]:
    """Rows of one or two accounts, often several of a day, sometimes posted late or without a balance."""
    rows = []
    for number in range(draw(st.integers(0, 45))):
        on = START + timedelta(draw(st.integers(0, DAYS)))
        row = {
            "txn_id": f"{borrower}-{number}", "borrower_id": borrower,
            "account_id": draw(st.sampled_from(["A", "A", "B"])), "booked_on": on.isoformat(),
            "amount": draw(st.sampled_from(AMOUNTS)),
            "balance_after": draw(st.sampled_from([None, -50, 0, 950, 1000, 4000])),
            "category": draw(st.sampled_from([None, "salary", *CATEGORIES])),
            "counterparty_id": draw(st.sampled_from([None, "ACME", "Wang", "bank"])),
            "counterparty_type": draw(st.sampled_from([None, "firm", "own", "lender"])),
        }  # fmt: skip
        late = draw(st.sampled_from([None, None, None, 3, 40]))
        if late:
            row["posted_at"] = f"{(on + timedelta(late)).isoformat()}T04:00:00+00:00"
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows


def loan_rows(borrower: str, kind: str) -> dict[str, list[dict[str, Any]]]:
    """A loan of 17 monthly dues of 1,000, some of them paid."""
    loan = f"{borrower}-loan"
    base = {"loan_id": loan, "schedule_version": 1, "valid_from": "2023-02-20", "interest_due": "0", "fee_due": "0"}
    return {
        "loans": [
            {
                **LOAN, "loan_id": loan, "borrower_id": borrower, "principal": "17000.00", "repayment_type": kind,
                "disbursed_on": "2023-02-20", "maturity_on": MONTHLY[-1].isoformat(), "n_instalments": len(MONTHLY),
            }
        ],
        "instalments": [
            base | {"instalment_no": n, "due_on": on.isoformat(), "principal_due": "1000.00"}
            for n, on in enumerate(MONTHLY, 1)
        ],
        "payments": [
            {
                "payment_id": f"{loan}-{n}", "loan_id": loan, "paid_on": (on + timedelta(n % 3)).isoformat(),
                "amount": "1000.00", "status": "posted",
            }
            for n, on in enumerate(MONTHLY[:12])
        ],
    }  # fmt: skip


def whole(parts: dict[str, list[dict[str, Any]]]) -> Book:
    """One book of the loans and accounts of some borrowers."""
    rows: dict[str, list[dict[str, Any]]] = {"loans": [], "instalments": [], "payments": [], "cashflow": []}
    for place, (borrower, accounts) in enumerate(parts.items()):
        for table, found in loan_rows(borrower, ("annuity", "interest_only")[place % 2]).items():
            rows[table] += found
        rows["cashflow"] += accounts
    return Book(rows, Settings())


DATES = st.integers(60, DAYS).map(lambda day: Moment(START + timedelta(day)))


@settings(max_examples=examples(30))
@given(st.data())
def test_a_borrower_alone_has_the_bits_it_has_among_many(data: st.DataObject) -> None:
    parts = {name: data.draw(account_rows(name)) for name in ("B1", "B2", "B3")}
    days = data.draw(st.lists(DATES, min_size=1, max_size=4))
    book = whole(parts)
    asked = [(f"{name}-loan", day) for name in parts for day in days]
    among = bits(matrix(tables_of(book), book, asked))
    for place, (name, rows) in enumerate(parts.items()):
        alone = whole({name: rows})
        alone.rows["loans"][0]["repayment_type"] = ("annuity", "interest_only")[place % 2]
        for k, day in enumerate(days):
            one = bits(matrix(tables_of(alone), alone, [(f"{name}-loan", day)]))
            np.testing.assert_array_equal(one[0], among[place * len(days) + k])


@settings(max_examples=examples(30))
@given(st.data())
def test_the_order_of_account_rows_changes_nothing(data: st.DataObject) -> None:
    rows = data.draw(account_rows("B1"))
    mixed = data.draw(st.permutations(rows))
    asked = [("B1-loan", day) for day in data.draw(st.lists(DATES, min_size=1, max_size=3))]
    one, other = whole({"B1": rows}), whole({"B1": list(mixed)})
    np.testing.assert_array_equal(
        bits(matrix(tables_of(one), one, asked)), bits(matrix(tables_of(other), other, asked))
    )


@settings(max_examples=examples(30))
@given(st.data())
def test_account_rows_of_later_days_or_posted_later_change_nothing(data: st.DataObject) -> None:
    rows, day = data.draw(account_rows("B1")), data.draw(DATES)
    later = [
        row | {"txn_id": f"later-{n}", "booked_on": (day.as_of + timedelta(n + 1)).isoformat()}
        for n, row in enumerate(data.draw(account_rows("B1"))[:3])
    ]
    posted = [
        row | {"txn_id": f"posted-{n}", "posted_at": f"{(day.as_of + timedelta(2)).isoformat()}T04:00:00+00:00"}
        for n, row in enumerate(data.draw(account_rows("B1")))
        if row["booked_on"] <= day.as_of.isoformat()
    ]
    for row in later:
        row.pop("posted_at", None)
    before, after = whole({"B1": rows}), whole({"B1": rows + later + posted})
    asked = [("B1-loan", day)]
    np.testing.assert_array_equal(
        bits(matrix(tables_of(before), before, asked)), bits(matrix(tables_of(after), after, asked))
    )


def test_without_accounts_every_column_of_theirs_is_not_observed() -> None:
    book = whole({"B1": []})
    absent = Book({table: rows for table, rows in book.rows.items() if table != "cashflow"}, book.settings)
    for empty in (book, absent):
        (found,) = columns(tables_of(empty), empty, [("B1-loan", Moment(date(2024, 3, 31)))])
        told = [c.name for c in CATALOGUE.everything if "cashflow" in c.tables and not np.isnan(found[c.name])]
        assert told == []


@given(st.lists(st.integers(0, 40), min_size=WEEKS, max_size=WEEKS))
def test_unusual_spending_is_the_robust_z_of_its_definition(spent: list[int]) -> None:
    weeks = np.concatenate((np.cumsum(spent[::-1])[::-1] * 100, [0]))[None, :]
    found = unusual_spending(weeks, np.array([1000]), np.array([0]))[0]
    usual = np.log1p([s for s in spent[4:] if s > 0])
    if len(usual) < 12:
        assert np.isnan(found)
        return
    middle = np.median(usual)
    scale = max(1.4826 * float(np.median(np.abs(usual - middle))), 0.25)
    assert np.isclose(found, max((np.log1p(s) - middle) / scale for s in spent[:4]))
