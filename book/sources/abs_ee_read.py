"""Reading the two files of auto loans from SEC Form ABS-EE, with every fault named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from book.errors import Fault, Refusal, nearest

LOANS_FILE = "loans.parquet"
PANEL_FILE = "monthly_panel.parquet"
_MOST_SHOWN = 100
_Parser = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True)
class Field:
    """One column that is read: how its values are parsed (null where they cannot be) and what is allowed."""

    parse: _Parser
    allowed: str
    optional: bool = False


def _text(column: pl.Expr) -> pl.Expr:
    words = column.cast(pl.String).str.strip_chars()
    return pl.when(words != "").then(words)


def _month(column: pl.Expr) -> pl.Expr:
    return ("01/" + _text(column)).str.to_date("%d/%m/%Y", strict=False)


def _day(column: pl.Expr) -> pl.Expr:
    return _text(column).str.to_date("%m-%d-%Y", strict=False)


def _date(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.Date, strict=False)


def _number(low: float | None = None, high: float | None = None, above: float | None = None) -> _Parser:
    def parse(column: pl.Expr) -> pl.Expr:
        value = column.cast(pl.Float64, strict=False)
        fine = value.is_finite()
        fine = fine if low is None else fine & (value >= low)
        fine = fine if high is None else fine & (value <= high)
        fine = fine if above is None else fine & (value > above)
        return pl.when(fine).then(value)

    return parse


LOAN_FIELDS = {
    "assetNumber": Field(_text, "a text"),
    "originationDate": Field(_month, "a month as MM/YYYY"),
    "originalFirstPaymentDate": Field(_month, "a month as MM/YYYY"),
    "loanMaturityDate": Field(_month, "a month as MM/YYYY"),
    "reportingPeriodBeginningDate": Field(_day, "a date as MM-DD-YYYY"),
    "originalLoanAmount": Field(_number(above=0), "an amount above 0"),
    "originalLoanTerm": Field(_number(low=1, high=1200), "months from 1 to 1200"),
    "originalInterestRatePercentage": Field(_number(low=0, high=1), "a yearly rate from 0 to 1"),
    "reportingPeriodBeginningLoanBalanceAmount": Field(_number(above=0), "an amount above 0"),
    "reportingPeriodScheduledPaymentAmount": Field(_number(above=0), "an amount above 0"),
    "vehicleNewUsedCode": Field(_number(low=1, high=2), "1 (new) or 2 (used)"),
    "obligorGeographicLocation": Field(_text, "a text", optional=True),
}
PANEL_FIELDS = {
    "assetNumber": Field(_text, "a text"),
    "month": Field(_date, "a date"),
    "balance": Field(_number(), "an amount"),
    "principal_paid": Field(_number(), "an amount"),
    "payment": Field(_number(low=0), "an amount from 0"),
    "recovery": Field(_number(low=0), "an amount from 0", optional=True),
}


def read_abs_ee(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Loans and monthly panel of `folder`, parsed, the panel sorted by loan and month.

    Raises Refusal that names file, row (from 1), column, what was found and what is allowed, for all faults.
    """
    faults: list[Fault] = []
    loans = _read(folder / LOANS_FILE, LOAN_FIELDS, ("assetNumber",), faults)
    panel = _read(folder / PANEL_FILE, PANEL_FIELDS, ("assetNumber", "month"), faults)
    if loans is not None and panel is not None:
        faults += _strangers(loans, panel)
    if faults:
        shown = [str(fault) for fault in faults[:_MOST_SHOWN]]
        rest = len(faults) - len(shown)
        raise Refusal("\n".join([*shown, f"and {rest} more faults"] if rest else shown))
    if loans is None or panel is None:
        raise Refusal(f"{folder}: nothing could be read")
    return loans.sort("assetNumber"), panel.sort("assetNumber", "month")


def _read(path: Path, fields: dict[str, Field], key: tuple[str, ...], faults: list[Fault]) -> pl.DataFrame | None:
    try:
        raw = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        what = "the file is not there" if not path.exists() else f"not a Parquet file ({error})"
        faults.append(Fault("unreadable", what, table=path.name, got=str(path), allowed="a Parquet file"))
        return None
    missing = [name for name, field in fields.items() if name not in raw.columns and not field.optional]
    for name in missing:
        near = nearest(name, raw.columns) or ""
        faults.append(Fault("missing_column", "the column is missing", path.name, column=name, nearest=near))
    if missing:
        return None
    given = {name: field for name, field in fields.items() if name in raw.columns}
    parsed = raw.select(field.parse(pl.col(name)).alias(name) for name, field in given.items())
    absent = [pl.lit(None, pl.Float64).alias(name) for name in fields if name not in given]
    for name, field in given.items():
        faults += _unparsed(path.name, name, field, raw[name], parsed[name])
    twice = parsed.with_row_index("row").filter(pl.struct(key).is_duplicated() & ~pl.struct(key).is_first_distinct())
    for row in twice.iter_rows(named=True):
        got = ", ".join(str(row[name]) for name in key)
        faults.append(Fault("duplicate_key", "the key is there twice", path.name, row["row"] + 1, key[-1], got, "once"))
    return parsed.with_columns(absent)


def _unparsed(file: str, name: str, field: Field, raw: pl.Series, parsed: pl.Series) -> list[Fault]:
    bad = parsed.is_null() & raw.is_not_null() if field.optional else parsed.is_null()
    return [
        Fault("bad_value", "the value cannot be used", file, row + 1, name, repr(raw[row]), field.allowed)
        for row in bad.arg_true().to_list()
    ]


def _strangers(loans: pl.DataFrame, panel: pl.DataFrame) -> list[Fault]:
    """Panel rows of loans that are not in the loans file, and rows before the loan's first report."""
    first = loans.select("assetNumber", first=pl.col("reportingPeriodBeginningDate").dt.month_start())
    keyed = pl.col("assetNumber").is_not_null() & pl.col("month").is_not_null()
    rows = panel.with_row_index("row").join(first, on="assetNumber", how="left").filter(keyed)
    unknown = rows.filter(pl.col("first").is_null())
    early = rows.filter(pl.col("month") < pl.col("first"))
    allowed = f"a loan of {LOANS_FILE}"
    faults = [
        Fault("unknown_loan", "the loan is not known", PANEL_FILE, row + 1, "assetNumber", asset, allowed)
        for row, asset in unknown.select("row", "assetNumber").iter_rows()
    ]
    what = "the row is before the loan's first report"
    faults += [
        Fault("early_row", what, PANEL_FILE, row + 1, "month", str(month), f"from {start}")
        for row, month, start in early.select("row", "month", "first").iter_rows()
    ]
    return faults
