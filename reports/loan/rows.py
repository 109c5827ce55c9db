"""A few rows of a table as plain values, without language: how each column is written is declared here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Value = int | float | str | None


@dataclass(frozen=True)
class RowsView:
    """Rows to show: `columns` are keys of `KINDS` and of the texts `column.*`; `of` rows there are, shown or not.

    Values are as in memory: money in minor units, days since 1970-01-01, words for codes, None = not known.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    of: int

    def __bool__(self) -> bool:
        return bool(self.rows)


def _of(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


KINDS: Final[Mapping[str, str]] = {
    **_of("day", "due_on settled_on paid_on event_on booked_on report_on opened_on maturity_on on valued_on from to"),
    **_of("day", "period_end issued_on as_on disbursed_on then_settled_on now_settled_on at_day ptp_on"),
    **_of("month", "month"),
    **_of(
        "money", "due paid amount balance limit instalment principal undrawn min_due value cap income inflow outflow"
    ),
    **_of(
        "money",
        "net balance_after balance_principal sales total_assets total_liabilities current_assets current_liabilities",
    ),
    **_of("money", "ebit interest_expense declared_sales tax_due tax_paid principal_outstanding eve_balance due_month"),
    **_of("money", "then_paid now_paid debt operating_cashflow receivables ptp_amount essential"),
    **_of("number", "no number days_late dpd then_days_late now_days_late hop lines lenders approval_inquiries_3m"),
    **_of("number", "n_instalments late_count count worst_days score"),
    **_of("times", "cover"),
    **_of("rate", "annual_rate"),
    **_of(
        "name", "status fail_reason method payer purpose category counterparty_type event_type debt_type class5 mode"
    ),
    **_of("name", "payee_type collateral_status direction public_type changed mark outcome channel came_back kind"),
    **_of("text", "loan lender_id product from_id to_id guarantor_id year"),
}
"""How the values of a column are written; `name` looks a word up in the texts of that name."""
