"""Random registers, invoices, accounts and tax returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from random_dice import Dice, signed
from random_schedules import Row
from reading.days import months_before

ENTRIES = (
    *("legal_rep", "controller", "shareholder", "director", "finance_head", "scope", "litigation_defendant"),
    *("enforcement", "dishonest", "tax_arrears", "penalty", "pledge"),
)


def public_event_rows(dice: Dice, borrower_id: str) -> list[Row]:
    rows = []
    for place in range(dice.one_of(0, 1, 6)):
        on = dice.day(-300, 650)
        row: Row = {"event_id": f"{borrower_id}U{place}", "borrower_id": borrower_id, "event_on": on.isoformat()}
        rows.append(row | {"event_type": dice.some_of(ENTRIES)} | dice.posted(on))
    return rows


def invoice_rows(dice: Dice, borrower_id: str, paid_out: Mapping[str, date]) -> list[Row]:
    """Sales and purchases; some name a loan that was paid out by then."""
    rows, first = [], dice.one_of(-100, 0, 100)
    for place in range(dice.one_of(0, 1, 40, 80, 80)):
        on = dice.day(first, 650)
        row: Row = {"invoice_id": f"{borrower_id}V{place}", "borrower_id": borrower_id, "issued_on": on.isoformat()}
        row |= {"direction": dice.one_of("sale", "sale", "purchase"), "status": dice.one_of("paid", "cancelled")}
        row["amount"] = dice.money(0, 100_000, 250_000, 33_333)
        loans = [loan_id for loan_id, day in paid_out.items() if day <= on]
        if loans and dice.chance(0.4):
            row["loan_id"] = dice.some_of(loans)
        rows.append(row | dice.posted(on))
    return rows


def financial_rows(dice: Dice, borrower_id: str) -> list[Row]:
    """Yearly or half-yearly accounts, one year left out at times."""
    base, step = months_before(dice.calendar.base.replace(day=1), 18), dice.one_of(6, 12, 12)
    rows = []
    for place in range(36 // step + 1):
        on = months_before(_month_end(base), -place * step)
        liabilities = dice.one_of(500_000, 500_000, 0, 2_000_000)
        row: Row = {
            "borrower_id": borrower_id,
            "period_end": on.isoformat(),
            "sales": dice.money(1_000_000, 1_300_000, 0),
            "total_assets": dice.money(1_000_000, 1_000_000, 0),
            "total_liabilities": dice.money(liabilities),
            "current_assets": dice.money(300_000, 0),
            "current_liabilities": dice.money(200_000, 0),
        }
        row |= dice.given(
            0.7,
            receivables=dice.money(100_000, 0),
            interest_expense=dice.money(10_000, 0),
            ebit=signed(dice.one_of(50_000, -20_000, 0)),
            operating_cashflow=signed(dice.one_of(80_000, -80_000)),
        )
        if dice.chance(0.9):
            rows.append(row | dice.posted(on))
    return rows


def tax_filing_rows(dice: Dice, borrower_id: str) -> list[Row]:
    """Monthly or quarterly returns, some months left out, some with a second one."""
    base, step = months_before(dice.calendar.base.replace(day=1), 18), dice.one_of(1, 1, 3)
    days = [months_before(_month_end(base), -place) for place in range(0, 40, step)]
    days += [day.replace(day=15) for day in days if dice.chance(0.1)]
    gaps = dice.one_of(1.0, 0.9, 0.5)
    return [
        {
            "borrower_id": borrower_id,
            "period_end": on.isoformat(),
            "declared_sales": dice.money(100_000, 120_000, 0),
            "tax_due": dice.money(10_000, 0),
            "tax_paid": dice.money(10_000, 0, 12_000),
        }
        | dice.posted(on)
        for on in days
        if dice.chance(gaps)
    ]


def _month_end(first: date) -> date:
    return date.fromordinal(months_before(first, -1).toordinal() - 1)
