"""The context: figures of cohorts as known at month ends, the same for one loan alone and for the book."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book.clock import month_of
from book.errors import Refusal
from book.known import known
from book.load import load, open_book
from book.request import tables_from_rows
from book.settings import Settings
from features.catalogue import CATALOGUE, Catalogue
from features.cohorts import Counts, build_context, context_of, count
from features.context import Context, continued
from features.context_file import read_context, write_context
from features.families import cohort, security
from features.history import History
from features.panel import month_ends

EPOCH = date(1970, 1, 1)
REL = Catalogue.of((cohort, security))
SETTINGS = Settings()


def day_of(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - EPOCH).days


def loan_rows(number: int, *, late: bool, **facts: Any) -> dict[str, list[dict[str, Any]]]:
    """A loan of 10 January 2024: 100 due on the 10th of each month, paid that day, or 20 days later."""
    loan = {
        "loan_id": f"L{number}", "borrower_id": f"B{number}", "product": "car", "borrower_type": "firm",
        "currency": "CNY", "principal": "600.00", "annual_rate": 0.1, "disbursed_on": "2024-01-10",
        "maturity_on": "2024-08-10", "n_instalments": 6, "repayment_type": "annuity", "region": "north",
    }  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {"loans": [loan | facts], "instalments": [], "payments": []}
    for month in range(2, 8):
        due = date(2024, month, 10)
        rows["instalments"].append({
            "loan_id": f"L{number}", "instalment_no": month - 1, "schedule_version": 1, "valid_from": "2024-01-10",
            "due_on": due.isoformat(), "principal_due": "100.00", "interest_due": "0.00", "fee_due": "0.00",
        })  # fmt: skip
        paid = due + timedelta(20 if late else 0)
        row = {"payment_id": f"{number}-{month}", "loan_id": f"L{number}", "amount": "100.00", "status": "posted"}
        rows["payments"].append(row | {"paid_on": paid.isoformat()})
    return rows


def tables_of(loans: list[dict[str, list[dict[str, Any]]]], **others: list[dict[str, Any]]) -> Any:
    rows = {table: [row for loan in loans for row in loan[table]] for table in loans[0]}
    return tables_from_rows(rows | others, SETTINGS)


def context_from(tables: Any, least: int = 4, guarantors: Any = ()) -> Context:
    days = month_ends(day_of(2024, 1, 31), day_of(2024, 6, 30))
    counts = Counts.of(days, np.asarray(guarantors, np.int64))
    count(counts, tables, SETTINGS)
    return context_of(counts, least)


def columns(tables: Any, as_of: int, context: Context | None) -> dict[str, list[float]]:
    """Values by column, in the order of the loan ids."""
    n = len(tables.loan_ids)
    days = np.full(n, as_of, np.int32)
    loans = np.argsort(tables.loan_ids).astype(np.int32)
    h = History(known(tables, loans, days, settings=SETTINGS), SETTINGS, context)
    return dict(zip(REL.all_names, REL.full_matrix(h).T.tolist(), strict=True))


FOUR = [loan_rows(number, late=number == 0) for number in range(4)]


def test_a_cohort_is_read_at_the_month_before() -> None:
    """On 30 April the first loan has been late with all three instalments: a quarter of twelve. One FPD of four."""
    tables = tables_of(FOUR)
    found = columns(tables, day_of(2024, 5, 20), context_from(tables))
    assert found["late_rate_vs_cohort"] == pytest.approx([0.75, -0.25, -0.25, -0.25])
    assert found["vintage_fpd_rate"] == pytest.approx([0.25] * 4)


def test_rank_and_roll_by_hand() -> None:
    """The first loan stops after March. On 30 April it had paid 0.67 of three dues, the others all: six of the 21 edges
    are 0.67, fifteen 1. On 20 May it has paid 0.33, below every edge; the others lie above 6 and at or above 21.

    One of four loans that were current on 31 March was late on 30 April.
    """
    stopped = loan_rows(0, late=False)
    stopped["payments"] = stopped["payments"][:2]
    tables = tables_of([stopped, *FOUR[1:]])
    found = columns(tables, day_of(2024, 5, 20), context_from(tables))
    assert found["paid_ratio_rank"] == pytest.approx([0, 27 / 42, 27 / 42, 27 / 42])
    assert found["region_roll_lag1"] == pytest.approx([0.25] * 4)


def test_a_region_is_not_held_against_a_person() -> None:
    tables = tables_of([loan_rows(number, late=False, borrower_type="person") for number in range(4)])
    assert np.isnan(columns(tables, day_of(2024, 5, 20), context_from(tables))["region_roll_lag1"]).all()


def test_a_cohort_below_the_least_number_of_loans_is_absent() -> None:
    tables = tables_of(FOUR)
    found = columns(tables, day_of(2024, 5, 20), context_from(tables, least=5))
    assert np.isnan([values for name, values in found.items() if name in ("paid_ratio_rank", "vintage_fpd_rate")]).all()


def test_without_a_context_and_outside_its_months_nothing_is_said() -> None:
    tables = tables_of(FOUR)
    for context, day in ((None, day_of(2024, 5, 20)), (context_from(tables), day_of(2024, 9, 30))):
        assert all(np.isnan(values).all() for values in columns(tables, day, context).values())


def test_one_loan_alone_has_the_value_it_has_in_the_book() -> None:
    whole = tables_of(FOUR)
    context, day = context_from(whole), day_of(2024, 5, 20)
    together = columns(whole, day, context)
    for number in range(4):
        alone = columns(tables_of([FOUR[number]]), day, context)
        np.testing.assert_array_equal(
            [values[0] for values in alone.values()], [values[number] for values in together.values()]
        )


def test_rows_posted_after_the_month_end_do_not_reach_its_figures() -> None:
    """The payments of the late loan are posted a year later: at every month end it had paid nothing."""
    slow = loan_rows(0, late=True)
    slow["payments"] = [row | {"posted_at": "2025-06-01T00:00:00+00:00"} for row in slow["payments"]]
    never = loan_rows(0, late=True) | {"payments": []}
    contexts = [context_from(tables_of([first, *FOUR[1:]])) for first in (slow, never)]
    assert contexts[0].hash == contexts[1].hash


def test_the_parts_of_a_book_add_up() -> None:
    days = month_ends(day_of(2024, 1, 31), day_of(2024, 6, 30))
    counts = Counts.of(days, np.empty(0, np.int64))
    for number in (3, 1, 0, 2):
        count(counts, tables_of([FOUR[number]]), SETTINGS)
    assert context_of(counts, 4).hash == context_from(tables_of(FOUR)).hash


def test_a_guarantor_is_judged_by_the_loans_here() -> None:
    """B0 guarantees L1 and owes since 10 March: 51 DPD on 30 April. B9 has no loan here. B2's promise has ended."""
    never = loan_rows(0, late=False)
    never["payments"] = never["payments"][:1]
    guarantees = [
        {"loan_id": "L1", "guarantor_id": "B0", "from": "2024-01-10"},
        {"loan_id": "L1", "guarantor_id": "B2", "from": "2024-01-10"},
        {"loan_id": "L2", "guarantor_id": "B9", "from": "2024-01-10"},
        {"loan_id": "L3", "guarantor_id": "B0", "from": "2024-01-10", "to": "2024-05-19"},
    ]
    tables = tables_of([never, *FOUR[1:]], guarantees=guarantees)
    context = context_from(tables, guarantors=np.unique(tables["guarantees"]["guarantor_id"]))
    found = columns(tables, day_of(2024, 5, 20), context)["guarantor_dpd_max"]
    np.testing.assert_array_equal(found, [np.nan, 51, np.nan, np.nan])


def test_a_context_is_written_and_read_to_the_bit(tmp_path: Path) -> None:
    context = context_from(tables_of(FOUR), guarantors=[5])
    write_context(context, tmp_path / "context.json")
    assert read_context(tmp_path / "context.json").hash == context.hash
    other = replace(context, months=context.months + 1)
    assert other.hash != context.hash


def test_a_context_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "context.json"
    write_context(context_from(tables_of(FOUR)), path)
    whole = json.loads(path.read_text())
    whole["months"][0] -= 1
    path.write_text(json.dumps(whole))
    with pytest.raises(Refusal, match="not those it was written with"):
        read_context(path)
    path.write_text("[]")
    with pytest.raises(Refusal, match="allowed: a context made by build_context"):
        read_context(path)


def test_the_context_of_a_book_has_its_months_and_cohorts(small_book: Path) -> None:
    book = open_book(small_book)
    days = month_ends(day_of(2022, 5, 31), day_of(2022, 12, 31))
    seen: list[tuple[int, int]] = []
    context = build_context(book, days, lambda done, of: seen.append((done, of)), least=5)
    assert context.months.tolist() == month_of(days).tolist()
    assert seen[-1] == (len(book.parts), len(book.parts))
    tables = load(book.parts[0], book.settings).tables
    loan = np.flatnonzero(tables["loans"]["disbursed_on"] < days[3]).astype(np.int32)
    h = History(known(tables, loan, np.full(len(loan), days[-1]), settings=book.settings), SETTINGS, context)
    values = CATALOGUE.full_matrix(h)[:, CATALOGUE.all_names.index("vintage_fpd_rate")]
    assert not np.isnan(values).all()
    assert np.nanmax(values) <= 1


def test_figures_of_months_that_are_over_stay_and_newer_months_are_joined_to_them(small_book: Path) -> None:
    book = open_book(small_book)
    days = month_ends(day_of(2022, 5, 31), day_of(2022, 12, 31))
    whole = build_context(book, days, least=5)
    old, new = build_context(book, days[:-2], least=5), build_context(book, days[-4:], least=5)
    assert continued(old, new).hash == whole.hash
    assert continued(None, new) is new
    assert continued(build_context(book, days[:2], least=5), new) is new


def test_figures_counted_by_other_processes_are_the_same(small_book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.cohorts.MANY_PARTS", 1)
    book = open_book(small_book)
    days = month_ends(day_of(2022, 10, 31), day_of(2022, 12, 31))
    assert build_context(book, days, least=5, workers=2).hash == build_context(book, days, least=5).hash
