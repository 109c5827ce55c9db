"""Family COLL, column by column."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from reading.balance import principal_outstanding
from reading.case import Case
from reading.cohort import month_before
from reading.days import months_since
from reading.ratios import NAN, ratio
from reading.rows import Row, cents, day, day_of


def security_family(case: Case) -> dict[str, float]:
    before = case.edge(12)
    now = _loan_to_value(case, case.as_of)
    then = _loan_to_value(case, before) if before >= case.repayment.loan.start else NAN
    counted = [day_of(row["valued_on"]) for row in _things(case, case.as_of) if row["status"] == "ok"]
    return {
        "ltv_now": now,
        "ltv_chg_12m": now - then,
        "valuation_age": float(months_since(min(counted), case.as_of)) if counted else NAN,
        "guarantor_dpd_max": _guarantors(case),
    }


def _things(case: Case, at: date) -> list[Row]:
    """The latest valuation of each thing on a day."""
    things: dict[str, list[Row]] = defaultdict(list)
    for row in case.of_loan("collateral") or []:
        if day_of(row["valued_on"]) <= at:
            things[row["collateral_id"]].append(row)
    return [
        max(rows, key=lambda row: (day_of(row["valued_on"]), case.posted("collateral", row), -cents(row["value"])))
        for rows in things.values()
    ]


def _loan_to_value(case: Case, at: date) -> float:
    things = _things(case, at)
    if not things:
        return NAN
    value = sum(cents(row["value"]) for row in things if row["status"] == "ok")
    return ratio(principal_outstanding(case.repayment, at), value)


def _guarantors(case: Case) -> float:
    named = [
        row["guarantor_id"]
        for row in case.of_loan("guarantees") or []
        if (day(row.get("to")) or case.as_of) >= case.as_of
    ]
    month = month_before(case.as_of)
    found = [(case.context or {}).get(("dpd", month, guarantor)) for guarantor in named]
    return float(max((dpd for dpd in found if dpd is not None), default=NAN))
