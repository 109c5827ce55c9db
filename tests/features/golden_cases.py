"""The cases worked by hand: TOML that a credit officer reads, turned into rows.

A case has a `title`, a `story`, the `loan`, its `dues`, `payments`, `events` and `charges`, perhaps
`settings`, and one or more dates `on` which columns are expected, with the reason `why`. Other `tables` are
lists of rows by table; keys, loan and borrower may be left out. Money is in major units. A due is all principal
unless it names `interest`; a due of version 1 is known from the disbursement. Rows are known at the end of their
day (or the lag of their table) unless `posted` names a day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from golden_accounts import account_rows

from book.contract import TABLES, Kind
from book.settings import Settings

FOLDER = Path(__file__).resolve().parent / "golden"
LOAN = {
    "loan_id": "L1",
    "borrower_id": "B1",
    "product": "instalment loan",
    "borrower_type": "person",
    "currency": "CNY",
    "annual_rate": 0.12,
    "repayment_type": "annuity",
}
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Golden:
    """One case on one date: rows in, columns (and perhaps `status`) expected."""

    name: str
    rows: Rows
    settings: Settings
    as_of: date
    cutoff: date | None
    expect: Mapping[str, float | str]
    why: str


def golden_cases() -> list[Golden]:
    """Every case of every file, in the order of the files."""
    cases = []
    for path in sorted(FOLDER.glob("*.toml")):
        for case in tomllib.loads(path.read_text("utf-8"))["case"]:
            rows, settings = _rows(case), Settings(**case.get("settings", {}))
            for on in case["on"]:
                name = f"{path.stem}: {case['title']}, on {on['as_of']}"
                name += f" as known on {on['known_on']}" if "known_on" in on else ""
                cases.append(Golden(name, rows, settings, on["as_of"], on.get("known_on"), on["expect"], on["why"]))
    return cases


def _rows(case: Mapping[str, Any]) -> Rows:
    loan = case["loan"]
    dues = [_due(due, loan["disbursed_on"]) for due in case["dues"]]
    last = max([loan["disbursed_on"].isoformat(), *(due["due_on"] for due in dues)])
    rows: Rows = {
        "loans": [_plain({**LOAN, "maturity_on": last, "n_instalments": len(dues), **loan})],
        "instalments": dues,
        "payments": [_payment(n, row) for n, row in enumerate(case.get("payments", []), 1)],
    }
    for table, key, column in (("loan_events", "event", "event_on"), ("charges", "charge", "charged_on")):
        key_column = f"{key}_id"
        given = case.get("events" if key == "event" else "charges", [])
        rows[table] = [
            _plain({key_column: f"{key}{n}", "loan_id": "L1", column: row["on"], **_without(row, "on")})
            for n, row in enumerate(given, 1)
        ]
    return rows | account_rows(case) | {table: _others(table, given) for table, given in case.get("tables", {}).items()}


def _others(table: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of any table: the owner is L1 or B1, and a key is the row's number, unless given."""
    declared = TABLES[table]
    money = {column.name for column in declared.of_kind(Kind.MONEY)}
    rows = []
    for number, row in enumerate(given, 1):
        base: dict[str, Any] = {"loan_id": "L1"} if declared.owner == "loan" else {"borrower_id": "B1"}
        keys = {
            key: f"{table} {number}" for key in declared.key if declared.column(key).kind is Kind.ID and key not in base
        }
        keys |= {key: number for key in declared.key if declared.column(key).kind is Kind.COUNT}
        whole = _plain(base | keys | row)
        rows.append({name: _money(value) if name in money else value for name, value in whole.items()})
    return rows


def _due(due: Mapping[str, Any], disbursed_on: date) -> dict[str, Any]:
    row = {
        "loan_id": "L1",
        "instalment_no": due["no"],
        "schedule_version": due.get("version", 1),
        "valid_from": due.get("from", disbursed_on),
        "due_on": due["due"],
        "principal_due": _money(due["amount"] - due.get("interest", 0)),
        "interest_due": _money(due.get("interest", 0)),
        "fee_due": _money(0),
        "grace_days": due.get("grace_days"),
        "posted": due.get("posted"),
    }
    return _plain(row)


def _payment(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    base = {
        "payment_id": row.get("id", f"P{number}"),
        "loan_id": "L1",
        "status": "posted",
        "paid_on": row["on"],
    }
    return _plain({**base, **_without(row, "on", "id"), "amount": row["amount"]})


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Dates and money as a request writes them; `posted` becomes `posted_at`, noon in China."""
    plain = {}
    for name, value in row.items():
        if value is None:
            continue
        if name == "posted":
            plain["posted_at"] = f"{value.isoformat()}T04:00:00+00:00"
        elif name in ("amount", "principal", "opening_balance", "opening_arrears"):
            plain[name] = _money(value)
        else:
            plain[name] = value.isoformat() if isinstance(value, date) else value
    return plain


def _money(amount: float | str) -> str:
    return amount if isinstance(amount, str) else f"{amount:.2f}"


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
