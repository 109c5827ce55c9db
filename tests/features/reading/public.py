"""Family PUB, column by column."""

from __future__ import annotations

from reading.case import Case
from reading.ratios import NAN
from reading.window import Window

CHANGES = ("legal_rep", "controller", "director", "shareholder", "finance_head")
OF_FIRMS = ("reg_changes_6m", "reg_changes_12m", "legal_rep_changed_12m")


def public_family(case: Case) -> dict[str, float]:
    rows = case.of_borrower("public_events")

    def count(months: int, *kinds: str) -> float:
        if rows is None or not Window(case.repayment, months).observed:
            return NAN
        lately = case.within("public_events", rows, 0, months)
        return float(sum(row["event_type"] in kinds for row in lately))

    def flag(counted: float) -> float:
        return min(counted, 1.0)

    columns = {
        "reg_changes_6m": count(6, *CHANGES),
        "reg_changes_12m": count(12, *CHANGES),
        "legal_rep_changed_12m": flag(count(12, "legal_rep")),
        "lawsuits_12m": count(12, "litigation_defendant"),
        "tax_or_penalty_12m": flag(count(12, "tax_arrears", "penalty")),
    }
    if case.loan["borrower_type"] == "person":
        columns |= dict.fromkeys(OF_FIRMS, NAN)
    ever = any(row["event_type"] in ("enforcement", "dishonest") for row in rows or [])
    return columns | {"enforcement_flag": NAN if rows is None else float(ever)}
