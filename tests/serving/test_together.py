"""Joining requests changes nothing for any of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from book.request import tables_from_rows
from book.settings import Settings
from book.tables import Tables
from serving.together import join


def tables(borrower: str, loans: int, refinances: str | None = None, events: bool = False) -> Tables:
    rows: dict[str, list[dict[str, Any]]] = {"loans": [], "instalments": [], "payments": []}
    for number in range(loans):
        loan = f"{borrower}-{number}"
        rows["loans"].append(
            {
                "loan_id": loan,
                "borrower_id": borrower,
                "product": "cash",
                "borrower_type": "person",
                "currency": "CNY",
                "principal": "1000.00",
                "annual_rate": 0.12,
                "disbursed_on": "2024-01-05",
                "maturity_on": "2024-03-05",
                "n_instalments": 2,
                "repayment_type": "annuity",
                "refinances_loan_id": refinances,
            }
        )
        for no, due in ((1, "2024-02-05"), (2, "2024-03-05")):
            rows["instalments"].append(
                {
                    "loan_id": loan,
                    "instalment_no": no,
                    "schedule_version": 1,
                    "valid_from": "2024-01-05",
                    "due_on": due,
                    "principal_due": "500.00",
                    "interest_due": "10.00",
                    "fee_due": "0",
                }
            )
        rows["payments"].append(
            {
                "payment_id": f"p{number}",
                "loan_id": loan,
                "paid_on": "2024-02-05",
                "amount": "510.00",
                "status": "posted",
            }
        )
    if events:
        rows["loan_events"] = []
    return tables_from_rows(rows, Settings())


def test_each_row_of_a_join_still_points_to_its_own_loan_and_borrower() -> None:
    parts = [tables("a", 2), tables("b", 1), tables("c", 3)]
    joined = join(parts)
    owners = [joined.loan_ids[row] for row in joined["payments"]["loan_id"]]
    apart = [part.loan_ids[row] for part in parts for row in part["payments"]["loan_id"]]
    assert owners == apart
    borrowers = [joined.borrower_ids[row] for row in joined.borrower_of]
    assert borrowers == [part.borrower_ids[row] for part in parts for row in part.borrower_of]


def test_ids_of_different_requests_are_never_taken_for_the_same() -> None:
    joined = join([tables("a", 2), tables("b", 2)])
    assert len(np.unique(joined["payments"]["payment_id"])) == 4


def test_a_loan_that_is_not_here_stays_outside_after_joining() -> None:
    joined = join([tables("a", 1, refinances="x"), tables("b", 1, refinances="b-9"), tables("c", 1)])
    outside = joined["loans"]["refinances_loan_id"]
    assert min(outside[:2]) >= len(joined.loan_ids)
    assert outside[0] != outside[1]
    assert outside[2] == -1


def test_an_absent_table_is_never_filled_in_by_a_neighbour() -> None:
    with pytest.raises(ValueError, match="got 2 different sets of tables, must be one"):
        join([tables("a", 1), tables("b", 1, events=True)])
