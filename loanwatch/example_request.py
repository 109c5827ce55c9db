"""A request for the scoring service, made of one borrower's rows as they stand in the files of a book."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from book.check.findings import Findings
from book.contract import TABLES
from book.errors import Refusal
from book.load import Book, Part
from book.load.files import raw_tables
from book.load.regroup import ROW
from book.request import decode


def example_request(book: Book, part: Part, loan_id: str, as_of: int) -> str | None:
    """The request, as JSON text, for all loans of the borrower of `loan_id`; `part` holds that loan.

    None where the service would not take the rows as they stand in the files (CSV with its own spellings).
    """
    raw = raw_tables(part, Findings(part=part.name))
    owner = raw["loans"].filter(pl.col("loan_id").cast(pl.String) == loan_id)["borrower_id"][0]
    loans = raw["loans"].filter(pl.col("borrower_id") == owner)["loan_id"]
    body = {
        "as_of": str(np.datetime64(as_of, "D")),
        "book_complete": True,
        "score": [str(loan) for loan in loans],
        "tables": {name: _rows(name, frame, owner, loans) for name, frame in raw.items()},
    }
    text = json.dumps(body, ensure_ascii=False, indent=1)
    try:
        decode(text.encode(), book.settings)
    except Refusal:
        return None
    return text + "\n"


def _rows(name: str, frame: pl.DataFrame, owner: Any, loans: pl.Series) -> list[dict[str, Any]]:
    by_loan = TABLES[name].owner == "loan" and name != "loans"
    mine = pl.col("loan_id").is_in(loans.implode()) if by_loan else pl.col("borrower_id") == owner
    rows = frame.filter(mine).drop(ROW).iter_rows(named=True)
    return [{key: _plain(value) for key, value in row.items() if value is not None} for row in rows]


def _plain(value: Any) -> Any:
    """A value of a file as JSON has it; money stays exact as text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
