"""Facts read from dossiers, worked by hand; one loan alone, among others, and with the debtor's other loans."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from policy_cases import golden

from book.known import known
from book.request import decode
from book.settings import Settings
from features.catalogue import CATALOGUE
from features.history import History
from features.standing import standing
from policy.decide import decide
from policy.facts import Facts, build, whole_debtors
from policy.guard_book import point_text, records
from policy.pack import load_pack
from policy.vocabulary import EXTRAS

CASES = golden("facts")
SETTINGS = Settings()
AS_OF = datetime.date(2026, 3, 31)
OF_LOAN = ("payments", "findings", "tasks", "impairment", "collateral")
OF_BORROWER = ("public_events", "complaints", "consents", "external_debts")


def _month(k: int) -> str:
    year, month = divmod(2025 * 12 + k, 12)
    return f"{year}-{month + 1:02d}-15"


def tables(case: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the one loan that a case tells of."""
    loan = {
        "loan_id": "L1", "borrower_id": "B1", "product": "cash", "borrower_type": "person", "currency": "CNY",
        "principal": 12000, "annual_rate": 0.1, "disbursed_on": "2025-01-15", "maturity_on": "2027-01-15",
        "n_instalments": 24, "repayment_type": "annuity", **case.get("loan", {}),
    }  # fmt: skip
    late, short = case.get("late", {}), case.get("short", {})
    found: dict[str, list[dict[str, Any]]] = {"loans": [loan], "instalments": [], "payments": []}
    for k in range(1, 25):
        due = {"principal_due": 500, "interest_due": 100, "fee_due": 0, "due_on": _month(k)}
        found["instalments"].append(
            {"loan_id": "L1", "instalment_no": k, "schedule_version": 1, "valid_from": "2025-01-15", **due}
        )
        paid_on, amount = str(late.get(str(k), _month(k))), short.get(str(k), 600)
        if paid_on and paid_on <= AS_OF.isoformat():
            found["payments"].append({"payment_id": f"P{k}", "loan_id": "L1", "paid_on": paid_on, "amount": amount})
    for name in OF_LOAN:
        found[name] = found.get(name, []) + [{"loan_id": "L1", **row} for row in case.get(name, [])]
    found["loan_events"] = [{"loan_id": "L1", **row} for row in case.get("events", [])]
    for name in OF_BORROWER:
        found[name] = [{"borrower_id": "B1", **row} for row in case.get(name, [])]
    for row in found["external_debts"]:
        row |= {"snapshot_id": "S1", "report_on": "2026-03-01", "debt_type": "loan", "opened_on": "2024-01-01"}
    return {name: rows for name, rows in found.items() if rows}


def history(rows: Mapping[str, Any], ids: tuple[str, ...] = ("L1",)) -> History:
    body = {"as_of": AS_OF, "book_complete": True, "score": list(ids), "tables": rows}
    request = decode(json.dumps(body, default=str).encode(), SETTINGS)
    as_of = np.full(len(request.loans), request.as_of, np.int32)
    return History(known(request.tables, request.loans, as_of, settings=SETTINGS), SETTINGS)


def facts(h: History) -> Facts:
    status = standing(h)
    pd = np.where(status == 0, 0.02, np.nan)
    return build(h, CATALOGUE.matrix(h), CATALOGUE.names, status=status, pd=pd)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_fact_is_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    found = facts(history(tables(case)))
    wanted = {name: None if value == "unknown" else value for name, value in case["expect"].items()}
    got = {name: None if np.isnan(found[name][0]) else round(float(found[name][0]), 6) for name in wanted}
    assert got == wanted


def test_every_declared_fact_is_built_and_every_column_of_the_catalogue_is_there() -> None:
    found = facts(history(tables({})))
    assert set(EXTRAS) | set(CATALOGUE.all_names) <= set(found.values)
    assert all(value.shape == (1,) and value.dtype == np.float64 for value in found.values.values())


def two_loans() -> dict[str, list[dict[str, Any]]]:
    """A large firm with a performing loan and a small one that was never paid."""
    firm = {"borrower_type": "firm", "firm_size": "other"}
    good, bad = tables({"loan": firm}), tables({"loan": firm, "late": {str(k): "" for k in range(1, 25)}})
    other = [{**row, "loan_id": "L2"} for row in bad["instalments"]]
    return {
        "loans": good["loans"] + [{**bad["loans"][0], "loan_id": "L2"}],
        "instalments": good["instalments"] + other,
        "payments": good["payments"],
    }


def test_the_other_loans_of_a_debtor_are_added_where_only_one_is_asked_about() -> None:
    h = history(two_loans())
    pack = load_pack()
    alone = decide(facts(h), pack)
    assert not facts(h).whole_debtor[0]
    assert "class debtor_npl_share" in alone.not_evaluated_of(0)
    dossiers, asked = whole_debtors(h.dossiers)
    whole = facts(History(dossiers, SETTINGS))
    assert (list(whole.loan_id), asked.tolist()) == (["L1", "L2"], [0])
    together = decide(whole, pack)
    assert whole.whole_debtor.all()
    assert [reason.clause for reason in together.class_reasons[0]] == ["debtor_npl_share", "debtor_npl_here"]


def test_facts_of_one_loan_are_those_it_has_among_others() -> None:
    rows = two_loans()
    together, alone = facts(history(rows, ("L1", "L2"))), facts(history(rows, ("L2",)))
    for name, value in alone.values.items():
        np.testing.assert_array_equal(value, together[name][[1]], err_msg=name)


def test_the_guard_finds_contacts_consents_and_pauses_in_the_book() -> None:
    contact = {
        "contact_id": "C1", "loan_id": "L1", "contact_point_id": "P", "at": "2026-03-30T10:00:00+08:00",
        "channel": "phone", "direction": "out", "outcome": "no_answer", "agent_type": "person",
    }  # fmt: skip
    case = {
        "consents": [{"id": "S1", "kind": "night", "from": "2026-01-01", "to": "2026-06-30"}],
        "complaints": [{"id": "C1", "kind": "conduct", "from": "2026-03-01"}],
        "events": [{"event_id": "E1", "event_type": "hardship", "event_on": "2026-02-01"}],
    }
    h = history({**tables(case), "contacts": [contact]})
    found = records(h, 0)
    assert [(c.channel, c.outcome, c.at.isoformat()) for c in found.past] == [
        ("call", "no_answer", "2026-03-30T02:00:00+00:00")
    ]
    assert len(found.past[0].contact_point_id) == len(point_text(-1)) == 16
    assert (found.consents[0].kind, str(found.consents[0].until)) == ("night", "2026-06-30")
    assert [str(one.since) for one in found.complaints] == ["2026-03-01"]
    assert [(one.kind, str(one.until)) for one in found.pauses] == [("hardship", "2026-08-01")]


def test_a_book_without_optional_tables_leaves_the_guard_nothing() -> None:
    assert records(history(tables({})), 0) == ((), (), (), ())
