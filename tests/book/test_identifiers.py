"""Direct identifiers: what counts as a 身份证 number, and what does not."""

from __future__ import annotations

import numpy as np

from book.check.findings import Findings
from book.check.identifiers import identifiers, is_identity_card
from book.contract import TABLES
from book.encoding.columns import Read, coded


def _codes(table: str, column: str, words: list[str]) -> list[str]:
    findings = Findings()
    identifiers(Read(TABLES[table], {column: coded(words)}, np.arange(len(words))), findings)
    return [fault.code for fault in findings.faults]


def test_the_check_digit_and_the_birth_date_decide() -> None:
    assert is_identity_card("11010519491231002X")
    assert not is_identity_card("110105194912310021")
    assert not is_identity_card("11010519491331002X")


def test_one_card_number_in_a_note_refuses_the_column() -> None:
    assert _codes("findings", "detail", ["fine", "id 11010519491231002x."]) == ["direct_identifier"]
    assert _codes("findings", "detail", ["fine", "reference 911010519491231002X"]) == []


def test_an_id_that_looks_like_a_card_by_chance_does_not_refuse_the_key() -> None:
    assert _codes("payments", "payment_id", ["11010519491231002X", "A1", "A2"]) == []
    assert _codes("loans", "borrower_id", ["11010519491231002X"]) == ["direct_identifier"]


def test_mobile_numbers_count_in_most_values_of_a_column_outside_the_key() -> None:
    assert _codes("cashflow", "counterparty_id", ["13812345678", "+8613812345679", "C1"]) == ["direct_identifier"]
    assert _codes("cashflow", "counterparty_id", ["13812345678", "C2", "C1"]) == []
    assert _codes("payments", "payment_id", ["13812345678"]) == []
