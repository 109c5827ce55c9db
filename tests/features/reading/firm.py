"""Family FIN, column by column."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from reading.case import Case, money
from reading.days import months_before
from reading.ratios import DIFFERENCE, LEVEL, NAN, Number, change, held, ratio
from reading.rows import Row, cents, day_of

ACCOUNTS = (
    "sales_chg_yoy",
    "leverage",
    "current_ratio",
    "interest_cover",
    "receivable_days_chg",
    "op_cashflow_to_debt",
)


def firm_family(case: Case) -> dict[str, float]:
    return _accounts(case) | _tax(case)


def _month(day: date, back: int = 0) -> tuple[int, int]:
    earlier = months_before(day.replace(day=1), back)
    return earlier.year, earlier.month


def _latest(case: Case, table: str, rows: list[Row]) -> Row | None:
    return max(rows, key=lambda row: (day_of(row["period_end"]), case.posted(table, row)), default=None)


def _accounts(case: Case) -> dict[str, float]:
    rows = case.of_borrower("financials") or []
    now = _latest(case, "financials", rows)
    if now is None or day_of(now["period_end"]) < case.edge(18):
        return dict.fromkeys(ACCOUNTS, NAN)
    that_month = _month(day_of(now["period_end"]), 12)
    before = _latest(case, "financials", [row for row in rows if _month(day_of(row["period_end"])) == that_month])
    return {
        "sales_chg_yoy": change(cents(now["sales"]), cents(before["sales"])) if before else NAN,
        "leverage": ratio(_given(now, "total_liabilities"), _given(now, "total_assets")),
        "current_ratio": _cover(_given(now, "current_assets"), _given(now, "current_liabilities"), LEVEL),
        "interest_cover": _cover(_given(now, "ebit"), _given(now, "interest_expense"), DIFFERENCE),
        "receivable_days_chg": _receivable_days(now) - _receivable_days(before) if before else NAN,
        "op_cashflow_to_debt": _cover(_given(now, "operating_cashflow"), _given(now, "total_liabilities"), DIFFERENCE),
    }


def _given(row: Row, column: str) -> int | None:
    return None if row.get(column) is None else cents(row[column])


def _cover(over: int | None, of: int | None, bounds: tuple[Number, Number]) -> float:
    """Nothing owed is not bad: the upper bound."""
    if over is None or of is None:
        return NAN
    if of == 0:
        return float(bounds[1]) if over > 0 else NAN
    return held(Fraction(over, of), bounds)


def _receivable_days(row: Row) -> float:
    receivables, sales = _given(row, "receivables"), cents(row["sales"])
    return 365 * receivables / sales if receivables is not None and sales else NAN


def _tax(case: Case) -> dict[str, float]:
    rows = case.of_borrower("tax_filings") or []
    if not case.feed_observed("tax_filings", rows, 12):
        return {"tax_sales_chg_yoy": NAN, "tax_overdue_share": NAN}
    year = case.within("tax_filings", rows, 0, 12)
    due, paid = money(year, "tax_due"), money(year, "tax_paid")
    return {
        "tax_sales_chg_yoy": _declared_change(case, rows, year),
        "tax_overdue_share": held(Fraction(max(0, due - paid), due), LEVEL) if due else NAN,
    }


def _declared_change(case: Case, rows: list[Row], year: list[Row]) -> float:
    def of_month(found: list[Row], month: tuple[int, int]) -> Row | None:
        return _latest(case, "tax_filings", [row for row in found if _month(day_of(row["period_end"])) == month])

    filed = {_month(day_of(row["period_end"])) for row in year}
    pairs = [(of_month(year, (y, m)), of_month(rows, (y - 1, m))) for y, m in sorted(filed)]
    whole = [(now, before) for now, before in pairs if now and before]
    if not whole or 2 * len(whole) < len(filed):
        return NAN
    return change(
        sum(cents(now["declared_sales"]) for now, _ in whole),
        sum(cents(before["declared_sales"]) for _, before in whole),
    )
