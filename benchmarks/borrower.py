"""One borrower as a client of the API would send it, raw: the question that every measurement of one loan asks."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

MONTHS = 24
PAYMENTS = 24
MOVEMENTS = 600
START = date(2022, 10, 20)
AS_OF = date(2024, 6, 30)


def body(number: int = 1) -> bytes:
    """Tables of borrower `number`: a running loan of 24 dues, 24 payments on the 20 due so far, account movements."""
    loan_id, borrower_id = f"L-{number}", f"B-{number}"
    dues = [START + timedelta(days=round(30.44 * number)) for number in range(1, MONTHS + 1)]
    loan = {
        "loan_id": loan_id, "borrower_id": borrower_id, "product": "consumer", "borrower_type": "person",
        "currency": "CNY", "principal": "24000.00", "annual_rate": 0.12, "disbursed_on": str(START),
        "maturity_on": str(dues[-1]), "n_instalments": MONTHS, "repayment_type": "equal_principal",
        "posted_at": f"{START}T12:00:00Z",
    }  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {
        "loans": [loan],
        "instalments": [],
        "payments": payments(loan_id, [due for due in dues if due <= AS_OF]),
        "cashflow": [],
    }
    for dued, due in enumerate(dues, 1):
        tables["instalments"].append({
            "loan_id": loan_id, "instalment_no": dued, "schedule_version": 1, "valid_from": str(START),
            "due_on": str(due), "principal_due": "1000.00", "interest_due": "120.00", "fee_due": "0.00",
            "posted_at": f"{START}T12:00:00Z",
        })  # fmt: skip
    for move in range(MOVEMENTS):
        day = START + timedelta(days=move * (AS_OF - START).days // MOVEMENTS)
        tables["cashflow"].append({
            "txn_id": f"T-{number}-{move}", "borrower_id": borrower_id, "account_id": f"A-{number}",
            "booked_on": str(day), "amount": "6000.00" if move % 25 == 0 else f"-{200 + (move * number) % 61}.50",
            "category": "salary" if move % 25 == 0 else "essential", "counterparty_id": f"C-{move % 9}",
            "posted_at": f"{day}T12:00:00Z",
        })  # fmt: skip
    whole = {"as_of": str(AS_OF), "book_complete": True, "score": [loan_id], "tables": tables}
    return json.dumps(whole, separators=(",", ":")).encode()


def payments(loan_id: str, due: list[date]) -> list[dict[str, Any]]:
    """24 payments: the last three dues late, as many in two parts as it takes."""
    parts = [(day + timedelta(days=5 if number >= len(due) - 3 else 0), "1120.00") for number, day in enumerate(due)]
    for _ in range(PAYMENTS - len(due)):
        day, _ = parts.pop(0)
        parts += [(day, "500.00"), (day + timedelta(days=2), "620.00")]
    return [
        {
            "payment_id": f"{loan_id}-{number}", "loan_id": loan_id, "paid_on": str(paid), "amount": amount,
            "purpose": "scheduled", "method": "autopay", "status": "posted", "posted_at": f"{paid}T12:00:00Z",
        }
        for number, (paid, amount) in enumerate(sorted(parts), 1)
    ]  # fmt: skip
