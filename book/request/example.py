"""A worked example of a request: a consumer loan of twelve months whose last payments came late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

_INSTALMENTS: Final = 12
_DAYS_LATE: Final = (0, 0, 0, 0, 0, 3, 8, 12)
_ZONE: Final = "+08:00"
_PAID_OUT: Final = date(2023, 9, 20)


def example() -> dict[str, Any]:
    """A request that is answered with a score; the values are new on every call."""
    return {
        "as_of": "2024-06-30",
        "book_complete": True,
        "score": ["L-1001"],
        "tables": {
            "loans": [_loan()],
            "instalments": [_instalment(number) for number in range(1, _INSTALMENTS + 1)],
            "payments": [_payment(number, late) for number, late in enumerate(_DAYS_LATE, start=1)],
            "loan_events": [],
        },
    }


def _due_on(number: int) -> date:
    month = _PAID_OUT.month - 1 + number
    return date(_PAID_OUT.year + month // 12, month % 12 + 1, 20)


def _known(day: date) -> str:
    return f"{day.isoformat()}T20:00:00{_ZONE}"


def _loan() -> dict[str, Any]:
    return {
        "loan_id": "L-1001",
        "borrower_id": "B-77",
        "product": "consumer",
        "borrower_type": "person",
        "currency": "CNY",
        "principal": "12000.00",
        "annual_rate": 0.12,
        "disbursed_on": _PAID_OUT.isoformat(),
        "maturity_on": _due_on(_INSTALMENTS).isoformat(),
        "n_instalments": _INSTALMENTS,
        "repayment_type": "equal_principal",
        "posted_at": _known(_PAID_OUT),
    }


def _instalment(number: int) -> dict[str, Any]:
    return {
        "loan_id": "L-1001",
        "instalment_no": number,
        "schedule_version": 1,
        "valid_from": _PAID_OUT.isoformat(),
        "due_on": _due_on(number).isoformat(),
        "principal_due": "1000.00",
        "interest_due": f"{120 - 10 * (number - 1)}.00",
        "fee_due": "0.00",
        "posted_at": _known(_PAID_OUT),
    }


def _payment(number: int, late: int) -> dict[str, Any]:
    paid_on = _due_on(number) + timedelta(days=late)
    return {
        "payment_id": f"P-{number}",
        "loan_id": "L-1001",
        "paid_on": paid_on.isoformat(),
        "amount": f"{1120 - 10 * (number - 1)}.00",
        "purpose": "scheduled",
        "payer": "borrower",
        "method": "autopay",
        "status": "posted",
        "posted_at": _known(paid_on),
    }
