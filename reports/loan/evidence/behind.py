"""From a feature to the rows that made its value, as `rows.toml` declares."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from features.feature import FeatureColumn
from reports.loan.evidence import accounts, records, repayment
from reports.loan.evidence.case import FEW, Case, Source, Wanted
from reports.loan.rows import RowsView

SOURCES: Final[Mapping[str, Source]] = {
    **{
        name: getattr(repayment, name)
        for name in (
            "instalments", "payments", "events", "balances", "contract", "ahead", "other_loans", "cohort",
        )
    },
    **{name: getattr(accounts, name) for name in ("movements", "income", "flows", "liquidity")},
    **{
        name: getattr(records, name)
        for name in (
            "debts", "reports", "payouts", "trace", "public", "collateral", "guarantees", "financials", "filings",
            "invoices", "contacts",
        )
    },
}  # fmt: skip
_WINDOW = re.compile(r"_(\d+)([mn])$")
_BY_TABLE = {
    "cashflow": "flows",
    "external_debts": "debts",
    "disbursements": "payouts",
    "fund_trace": "trace",
    "public_events": "public",
    "collateral": "collateral",
    "guarantees": "guarantees",
    "financials": "financials",
    "tax_filings": "filings",
    "invoices": "invoices",
    "contacts": "contacts",
    "loan_events": "contract",
    "balances": "balances",
    "payments": "instalments",
    "instalments": "instalments",
}


def behind(case: Case, column: FeatureColumn) -> RowsView:
    """The rows behind the value of a feature, a few of them; none where the value is not made of rows of this loan."""
    source, wanted = declared(column.name, column.tables)
    return SOURCES[source](case, wanted) if source else RowsView((), (), 0)


@cache
def declared(name: str, tables: tuple[str, ...]) -> tuple[str, Wanted]:
    """What `rows.toml` says of a feature: the source and what is wanted of it.

    A feature of the lender's own, which is not in it, shows the rows of the first of its `tables` that has a source.
    """
    found = _WINDOW.search(name)
    spec = dict(_declared().get(name) or _declared().get(_WINDOW.sub("", name)) or {})
    source = spec.pop("rows", None) or next((_BY_TABLE[one] for one in tables if one in _BY_TABLE), "")
    span: dict[str, int] = {}
    if found and not {"months", "latest"} & set(spec):
        span = {"months" if found[2] == "m" else "latest": int(found[1])}
    return source, Wanted(**{"most": FEW, **span, **spec})


@cache
def _declared() -> Mapping[str, dict[str, Any]]:
    return tomllib.loads(resources.files("reports.loan.evidence").joinpath("rows.toml").read_text("utf-8"))
