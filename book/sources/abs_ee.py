"""Auto loans of SEC Form ABS-EE as a book: loans, derived dues, payments, balances and events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from book.clock import month_end
from book.errors import Refusal
from book.sources import arrow
from book.sources.abs_ee_months import Months, read_months
from book.sources.abs_ee_read import read_abs_ee
from book.sources.abs_ee_schedule import Ints, Schedules, minor, months, schedules
from book.sources.settings_file import Value, write_settings

SOURCE = "SEC Form ABS-EE"
DERIVED_DUES = "derived: reportingPeriodScheduledPaymentAmount at originalInterestRatePercentage"
DERIVED_END = "derived: balance went to 0"
SETTINGS: Mapping[str, Value] = {
    "source": SOURCE,
    "timezone": "America/New_York",
    "currency": "USD",
    "precision": "month",
    "tolerance": 100,
    "tolerance_share": 0.1,
    "default_dpd": False,
    "default_events": ("write_off",),
    "posting_lag_days": {"payments": 0, "loan_events": 0, "balances": 0},
}
_PURPOSES = ("scheduled", "full_prepay", "recovery")
_SCHEDULED, _FULL_PREPAY, _RECOVERY = range(3)
_ENDS = ("closed", "prepaid", "write_off")


def import_abs_ee(folder: Path, out: Path, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Turn the two files in `folder` into a book in the new folder `out`; returns the rows per table.

    Dates are month ends; `posted_at` is left out, so that knowledge is assumed (see docs/sources/abs-
    ee.md). Raises Refusal with all faults of the files, or where `out` is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise Refusal(f"import abs-ee: the folder {out} is not empty; give a new one or remove it first")
    loans, panel = read_abs_ee(folder)
    dues = schedules(loans)
    reports = read_months(loans, panel, dues)
    assets = loans["assetNumber"].to_arrow().cast(pa.string())
    tables = {
        "loans": _loans(loans, assets),
        "instalments": _instalments(dues, assets),
        "payments": _payments(reports, assets),
        "balances": _balances(reports, assets),
        "loan_events": _events(reports, assets),
    }
    for done, (name, table) in enumerate(tables.items(), 1):
        arrow.write(table, out / "part-00000" / f"{name}.parquet")
        if progress is not None:
            progress(done, len(tables))
    remark = "Auto loans of SEC Form ABS-EE; dates by month, dues derived, default is charge-off."
    write_settings(out, remark, SETTINGS)
    return {name: table.num_rows for name, table in tables.items()}


def _ends_of(month: Ints) -> Ints:
    return month_end(month).astype(np.int64)


def _loans(loans: pl.DataFrame, assets: pa.Array) -> pa.Table:
    n = len(loans)
    used = loans["vehicleNewUsedCode"].to_numpy().astype(np.int64) - 1
    opened = loans["reportingPeriodBeginningDate"].cast(pl.Int32).to_numpy().astype(np.int64)
    disbursed = np.minimum(_ends_of(months(loans["originationDate"])), opened)
    return pa.table(
        {
            "loan_id": assets,
            "borrower_id": assets,
            "product": arrow.words(used, ("auto_new", "auto_used")),
            "borrower_type": arrow.constant("person", n),
            "currency": arrow.constant("USD", n),
            "principal": arrow.money(minor(loans["originalLoanAmount"])),
            "annual_rate": arrow.numbers(loans["originalInterestRatePercentage"].to_numpy()),
            "disbursed_on": arrow.dates(disbursed),
            "maturity_on": arrow.dates(_ends_of(months(loans["loanMaturityDate"]))),
            "n_instalments": arrow.counts(loans["originalLoanTerm"].to_numpy().astype(np.int64)),
            "observed_from": arrow.dates(opened),
            "opening_balance": arrow.money(minor(loans["reportingPeriodBeginningLoanBalanceAmount"])),
            "repayment_type": arrow.constant("annuity", n),
            "guarantee_type": arrow.constant("vehicle", n),
            "region": loans["obligorGeographicLocation"].cast(pl.String).to_arrow().cast(pa.string()),
            "source": arrow.constant(SOURCE, n),
        }
    )


def _instalments(dues: Schedules, assets: pa.Array) -> pa.Table:
    loan, k = np.nonzero(np.arange(dues.principal.shape[1])[None, :] < dues.length[:, None])
    return pa.table(
        {
            "loan_id": assets.take(pa.array(loan)),
            "instalment_no": arrow.counts(dues.first_no[loan] + k),
            "schedule_version": arrow.counts(np.ones(len(loan), np.int64)),
            "valid_from": arrow.dates(_ends_of(dues.first_month[loan] - 1) + 1),
            "due_on": arrow.dates(_ends_of(dues.first_month[loan] + k)),
            "principal_due": arrow.money(dues.principal[loan, k]),
            "interest_due": arrow.money(dues.interest[loan, k]),
            "fee_due": arrow.money(np.zeros(len(loan), np.int64)),
            "source": arrow.constant(DERIVED_DUES, len(loan)),
        }
    )


def _payments(reports: Months, assets: pa.Array) -> pa.Table:
    after = np.where(reports.alive, 0, reports.payment)
    amounts = np.stack(
        [reports.on_dues * reports.alive, reports.payoff * reports.alive, reports.recovery + after], axis=1
    )
    row, purpose = np.nonzero(amounts > 0)
    amount = amounts[row, purpose]
    loan, month = reports.loan[row], reports.month[row]
    whole = (purpose == _SCHEDULED) & (reports.payoff[row] == 0)
    letters = np.array(["S", "P", "R"])[purpose]
    names = assets.take(pa.array(loan))
    ids = [f"{name}-{m}-{s}" for name, m, s in zip(names.to_pylist(), _labels(month), letters, strict=True)]
    return pa.table(
        {
            "payment_id": pa.array(ids, pa.string()),
            "loan_id": names,
            "paid_on": arrow.dates(_ends_of(month)),
            "date_precision": arrow.constant("month", len(row)),
            "amount": arrow.money(amount),
            "purpose": arrow.words(purpose, _PURPOSES),
            "principal": arrow.money(reports.principal_paid[row], ~whole),
            "status": arrow.constant("posted", len(row)),
            "source": arrow.constant(SOURCE, len(row)),
        }
    )


def _balances(reports: Months, assets: pa.Array) -> pa.Table:
    row = np.flatnonzero(reports.alive)
    return pa.table(
        {
            "loan_id": assets.take(pa.array(reports.loan[row])),
            "as_on": arrow.dates(_ends_of(reports.month[row])),
            "principal": arrow.money(reports.balance[row]),
            "source": arrow.constant(SOURCE, len(row)),
        }
    )


def _events(reports: Months, assets: pa.Array) -> pa.Table:
    row = np.flatnonzero(reports.ends)
    kind = np.where(reports.loss[row], 2, np.where(reports.early[row], 1, 0))
    names = assets.take(pa.array(reports.loan[row]))
    return pa.table(
        {
            "event_id": pa.array([f"{name}-end" for name in names.to_pylist()], pa.string()),
            "loan_id": names,
            "event_type": arrow.words(kind, _ENDS),
            "event_on": arrow.dates(_ends_of(reports.month[row])),
            "source": arrow.constant(DERIVED_END, len(row)),
        }
    )


def _labels(month: Ints) -> list[str]:
    """Months as YYYY-MM."""
    return [str(label) for label in month.astype("datetime64[M]")]
