"""The whole reading of one loan on one day: every column of the core families, and its status."""

from __future__ import annotations

from datetime import date

from reading.amount import amount_family
from reading.days import end_of_day
from reading.dpd import dpd_family
from reading.exposure import exposure_family, quality_family
from reading.loan import loan_at
from reading.repayment import Repayment
from reading.rows import Row, Tables, known
from reading.standing import status
from reading.timing import time_family

from book.settings import Settings


def repayment_at(
    rows: Tables, settings: Settings, loan_id: str, as_of: date, cutoff: int | None = None
) -> Repayment | None:
    """How a loan was repaid, as known at (as_of, cut-off in UTC microseconds); None: not known yet."""
    loan = loan_at(rows, settings, loan_id, as_of, cutoff)
    return None if loan is None else Repayment(loan)


def reading(
    rows: Tables,
    settings: Settings,
    loan_id: str,
    as_of: date,
    cutoff: int | None = None,
    complete: bool = True,
) -> dict[str, float | str]:
    """Every column by name, NaN where not observed, and `status`."""
    repayment = repayment_at(rows, settings, loan_id, as_of, cutoff)
    if repayment is None:
        raise LookupError(f"loan {loan_id} was not known on {as_of}")
    borrower = repayment.loan.row["borrower_id"]
    others = [
        repayment_at(rows, settings, row["loan_id"], as_of, cutoff)
        for row in rows["loans"]
        if row["borrower_id"] == borrower and row["loan_id"] != loan_id
    ]
    end = end_of_day(as_of, settings.timezone) if cutoff is None else cutoff

    def of_borrower(table: str) -> list[Row]:
        there = known(rows, table, settings, as_of, end) or []
        return [row for row in there if row["borrower_id"] == borrower]

    return (
        dpd_family(repayment)
        | time_family(repayment)
        | amount_family(repayment)
        | exposure_family(repayment, [other for other in others if other], complete)
        | quality_family(repayment, of_borrower("cashflow"), of_borrower("external_debts"))
        | {"status": status(repayment)}
    )
