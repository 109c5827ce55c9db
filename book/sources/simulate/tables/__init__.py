"""The tables of a simulated part, one file per table. Each has `table(part) -> pyarrow.Table`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from book.sources.simulate.part import Part
from book.sources.simulate.tables import (
    cashflow,
    external_debts,
    instalments,
    loan_events,
    loans,
    payments,
    truth,
)

TABLES: Mapping[str, Callable[[Part], pa.Table]] = {
    "loans": loans.table,
    "instalments": instalments.table,
    "payments": payments.table,
    "loan_events": loan_events.table,
    "cashflow": cashflow.table,
    "external_debts": external_debts.table,
}
TRUTH = truth.table
