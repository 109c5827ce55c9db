"""Rows of the accounts, bureau reports and contacts of a case worked by hand.

`accounts` are account rows `{ on, amount, category?, payer?, side?, balance?, account? }`; a row with `months` comes
again on the same day of so many months, one with `weeks` every seven days. `reports` are bureau lines
`{ on, lender, balance, instalment?, dpd?, ours? }`; `contacts` are `{ at, outcome, point?, ptp_on?, ptp_amount? }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
NAMES = {"on": "booked_on", "balance": "balance_after", "payer": "counterparty_id", "side": "counterparty_type"}


def account_rows(case: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The tables cashflow, external_debts and contacts of a case; those it does not name are absent."""
    found: dict[str, list[Row]] = {}
    if "accounts" in case:
        booked = [again for row in case["accounts"] for again in _repeated(row)]
        found["cashflow"] = [_account(number, row) for number, row in enumerate(booked, 1)]
    if "reports" in case:
        found["external_debts"] = [_line(number, row) for number, row in enumerate(case["reports"], 1)]
    if "contacts" in case:
        found["contacts"] = [_contact(number, row) for number, row in enumerate(case["contacts"], 1)]
    return found


def _repeated(row: Mapping[str, Any]) -> Iterator[Row]:
    """The row on its day and, with `months` or `weeks`, again."""
    plain = {name: value for name, value in row.items() if name not in ("months", "weeks")}
    for k in range(row.get("months", row.get("weeks", 1))):
        on: date = row["on"]
        if "months" in row:
            month = on.month - 1 + k
            on = on.replace(year=on.year + month // 12, month=month % 12 + 1)
        yield {**plain, "on": on if "months" in row else on + timedelta(days=7 * k)}


def _account(number: int, row: Row) -> Row:
    named = {NAMES.get(name, name): value for name, value in row.items() if name not in ("account", "posted")}
    named |= {"txn_id": f"T{number}", "borrower_id": "B1", "account_id": row.get("account", "A")}
    named |= {"posted_at": f"{row['posted'].isoformat()}T04:00:00+00:00"} if "posted" in row else {}
    return _plain(named)


def _line(number: int, row: Row) -> Row:
    return _plain(
        {
            "snapshot_id": f"S{row['on'].isoformat()}",
            "borrower_id": "B1",
            "line_no": number,
            "report_on": row["on"],
            "lender_id": row["lender"],
            "is_ours": row.get("ours", False),
            "debt_type": "loan",
            "opened_on": date(2020, 1, 1),
            "balance": row["balance"],
            "dpd": row.get("dpd", 0),
            **({"instalment": row["instalment"]} if "instalment" in row else {}),
        }
    )


def _contact(number: int, row: Row) -> Row:
    given = {name: value for name, value in row.items() if name not in ("at", "point")}
    named = {"direction": "out", **given, "contact_id": f"C{number}", "loan_id": "L1", "channel": "call"}
    at = f"{row['at'].isoformat()}T10:00:00+08:00"
    return _plain({**named, "contact_point_id": row.get("point", "phone 1"), "agent_type": "desk", "at": at})


def _plain(row: Row) -> Row:
    """Dates and money as a request writes them."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, float) else value
