"""The declaration of the contract agrees with itself."""

from __future__ import annotations

import pytest

from book.check.codes import CODES
from book.contract import REQUIRED_TABLES, TABLES, Kind, Table

ALL = [pytest.param(table, id=table.name) for table in TABLES.values()]


def test_loans_instalments_and_payments_are_required() -> None:
    assert REQUIRED_TABLES == ("loans", "instalments", "payments")


@pytest.mark.parametrize("table", ALL)
def test_keys_and_event_dates_are_columns(table: Table) -> None:
    assert len(set(table.names)) == len(table.names)
    assert all(table.column(name).required for name in table.key)
    assert table.event_date is None or table.column(table.event_date).kind in {Kind.DATE, Kind.STAMP}
    assert table.column("loan_id" if table.owner == "loan" else "borrower_id").required


@pytest.mark.parametrize("table", ALL)
def test_every_table_says_when_it_was_known_and_where_it_came_from(table: Table) -> None:
    assert table.names[-2:] == ("posted_at", "source")


@pytest.mark.parametrize("table", ALL)
def test_choices_stand_with_enums_only_and_references_lead_somewhere(table: Table) -> None:
    for column in table.columns:
        assert bool(column.choices) == (column.kind is Kind.ENUM)
        assert column.meaning
        if column.refers:
            other, _, name = column.refers.partition(".")
            assert TABLES[other].column(name).kind is Kind.ID


def test_realised_tables_are_those_of_the_contract() -> None:
    realised = {name for name, table in TABLES.items() if table.realised}
    assert realised == {"payments", "cashflow", "external_debts", "contacts"}


def test_every_code_has_a_sentence_that_starts_small_and_has_no_stop() -> None:
    for code in CODES.values():
        assert not code.what.endswith(".")
        assert code.what[0].islower() or code.name == "malformed"
