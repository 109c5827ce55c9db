"""One loan as it was known at one moment: its schedule by day, its money by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property

from reading.days import end_of_day
from reading.rows import Row, Tables, cents, day, day_of, known

from book.settings import Settings

OWN_PAYERS = {None, "borrower", "co_borrower", "other"}


@dataclass(frozen=True)
class Due:
    """An instalment as one version of the schedule states it; money in minor units."""

    number: int
    due_on: date
    amount: int
    principal: int
    valid_from: date
    grace_days: int | None = None


@dataclass(frozen=True, eq=False)
class Loan:
    """All that was known of a loan; `events` and `balances` are None where the source has no such table."""

    row: Row
    dues: list[Row]
    payments: list[Row]
    events: list[Row] | None
    charges: list[Row]
    balances: list[Row] | None
    settings: Settings
    as_of: date

    @property
    def disbursed_on(self) -> date:
        return day_of(self.row["disbursed_on"])

    @cached_property
    def start(self) -> date:
        """The day from which the history is observed."""
        return history_start(self.row)

    @property
    def observed_late(self) -> bool:
        return self.start > self.disbursed_on

    @property
    def revolving(self) -> bool:
        return bool(self.row["repayment_type"] == "revolving")

    @cached_property
    def versions(self) -> dict[date, list[Due]]:
        """The whole schedule from each day on which some version came into force."""
        now: dict[int, tuple[int, Due]] = {}
        versions = {}
        for change in sorted({day_of(row["valid_from"]) for row in self.dues}):
            before = dict(now)
            for row in self.dues:
                number, version = row["instalment_no"], row["schedule_version"]
                if day_of(row["valid_from"]) != change or (number in now and now[number][0] > version):
                    continue
                due_on = day_of(row["due_on"])
                if number in before and before[number][1].due_on < change:
                    due_on = before[number][1].due_on
                now[number] = (version, _due(row, due_on, change))
            versions[change] = [due for _, due in now.values()]
        return versions

    def schedule(self, at: date) -> list[Due]:
        """The dues in force on a day, by due date, then number; zero dues too, none from before the start."""
        changes = [change for change in self.versions if change <= at]
        return [due for due in self._observed(max(changes) if changes else None) if due.valid_from <= at]

    @cache  # noqa: B019 - a loan lives for one reading
    def _observed(self, change: date | None) -> list[Due]:
        dues = [due for due in self.versions.get(change, []) if due.due_on >= self.start] if change else []
        arrears = cents(self.row.get("opening_arrears"))
        if self.observed_late and arrears:
            dues.append(Due(0, self.start, arrears, 0, self.start))
        return sorted(dues, key=lambda due: (due.due_on, due.number))

    def tolerance(self, due: Due) -> Fraction:
        share = Fraction(str(self.settings.tolerance_share))
        return max(Fraction(self.settings.tolerance), share * due.amount)

    @cached_property
    def money_rows(self) -> list[Row]:
        """Every posted payment that still stands, whoever paid it and whatever for."""
        return [row for row in self.payments if status(row) == "posted"]

    @cached_property
    def scheduled_rows(self) -> list[Row]:
        return [
            row
            for row in self.money_rows
            if row.get("purpose") in (None, "scheduled") and row.get("payer") in OWN_PAYERS
        ]


def _due(row: Row, due_on: date, valid_from: date) -> Due:
    parts = [cents(row.get(part)) for part in ("principal_due", "interest_due", "fee_due")]
    return Due(row["instalment_no"], due_on, sum(parts), parts[0], valid_from, row.get("grace_days"))


def loan_at(rows: Tables, settings: Settings, loan_id: str, as_of: date, cutoff: int | None) -> Loan | None:
    """The loan as known at (as_of, cut-off); None where the lender did not know of it yet."""
    end = end_of_day(as_of, settings.timezone) if cutoff is None else cutoff

    def of_loan(table: str) -> list[Row] | None:
        there = known(rows, table, settings, as_of, end)
        return None if there is None else [row for row in there if row["loan_id"] == loan_id]

    loans = of_loan("loans")
    if not loans:
        return None
    payments = of_loan("payments") or []
    undone = {row["reverses_id"] for row in payments if status(row) == "reversal"}
    start = history_start(loans[0])
    return Loan(
        row=loans[0],
        dues=of_loan("instalments") or [],
        payments=[row for row in payments if row["payment_id"] not in undone and day_of(row["paid_on"]) >= start],
        events=of_loan("loan_events"),
        charges=[row for row in of_loan("charges") or [] if day_of(row["charged_on"]) >= start],
        balances=of_loan("balances"),
        settings=settings,
        as_of=as_of,
    )


def status(payment: Row) -> str:
    """Where none is given: posted, or a reversal if it names what it reverses."""
    unsaid = "reversal" if payment.get("reverses_id") else "posted"
    return str(payment.get("status") or unsaid)


def history_start(row: Row) -> date:
    """The disbursement day, or the first day of the extract where that is later."""
    disbursed_on = day_of(row["disbursed_on"])
    return max(disbursed_on, day(row.get("observed_from")) or disbursed_on)
