"""The report of one loan, from loaded tables to the finished page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import polars as pl

from book.errors import Refusal
from book.load import Book, Part, load
from book.tables import Tables
from loanwatch import __version__
from reports.formats import LANGS, Lang
from reports.loan.page import loan_report
from reports.loan.view import LoanView
from serving.loan_views import LoanViews
from serving.scorer import Scorer

_LOOKED_AT = 5_000


@dataclass(frozen=True)
class LoanPages:
    """Writes reports with one scorer on one book, whose content hash is `book_hash`."""

    scorer: Scorer
    book_hash: str

    def page(self, tables: Tables, loan: int, as_of: int, langs: Sequence[Lang] = LANGS) -> str:
        """The page of the loan at position `loan` of `tables`; Refusal where the loan was not known on as_of."""
        return loan_report(self.view(tables, loan, as_of), self.scorer.settings.timezone, langs)

    def view(self, tables: Tables, loan: int, as_of: int) -> LoanView:
        """As `serving.loan_views.LoanViews.view`."""
        return LoanViews(self.scorer, self.book_hash, f"loanwatch {__version__}").view(tables, loan, as_of)


def find_loan(book: Book, loan_id: str) -> tuple[Part, Tables, int]:
    """The part of `book` that holds the loan, its tables, and the position of the loan in them.

    Raises Refusal, naming the nearest id, where the book has no such loan or its row was set aside.
    """
    ids: list[str] = []
    for part in book.parts:
        here = [one for path in part.files.get("loans", ()) for one in _loan_ids(path)]
        if loan_id in here:
            tables = load(part, book.settings).tables
            at = np.flatnonzero(tables.loan_ids == loan_id)
            if len(at):
                return part, tables, int(at[0])
        ids += here
    if loan_id in ids:
        raise Refusal(f"loan {loan_id}: its row was set aside; `loanwatch check` tells why")
    raise Refusal(f"loan {loan_id}: not in the book {book.folder}; nearest: {_nearest(loan_id, ids)}")


def file_name(loan_id: str) -> str:
    """A safe file name for the report of a loan, whatever the lender's ids contain."""
    return (re.sub(r"[^A-Za-z0-9_-]", "_", loan_id)[:80] or "loan") + ".html"


def _nearest(loan_id: str, ids: Sequence[str]) -> str:
    """The id most like `loan_id`, looked for among those that start alike, at most a few thousand."""
    alike = [one for one in ids if one[:2] == loan_id[:2]] or ids
    close = get_close_matches(loan_id[:100], alike[:_LOOKED_AT], n=1)
    return close[0] if close else "none"


def _loan_ids(path: Path) -> list[str]:
    scan = pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)
    return [str(one) for one in scan.select("loan_id").collect()["loan_id"].to_list()]
