"""The reports of loans, from a book's tables to finished pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

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
_AT_ONCE = 200  # loans looked at together: thirteen months of each are held in memory


@dataclass(frozen=True)
class LoanPages:
    """Writes reports with one scorer on one book, whose content hash is `book_hash`.

    `asked_at` is the moment (with its zone) for which the contact guard is asked; None: it is not.
    """

    scorer: Scorer
    book_hash: str
    asked_at: datetime | None = None

    def page(self, tables: Tables, loan: int, as_of: int, langs: Sequence[Lang] = LANGS) -> str:
        """The page of the loan at position `loan` of `tables`; Refusal where the loan was not known on as_of."""
        return loan_report(self.view(tables, loan, as_of), self.scorer.settings.timezone, langs)

    def view(self, tables: Tables, loan: int, as_of: int) -> LoanView:
        """As `serving.loan_views.LoanViews.view`."""
        return next(self.views(tables, [loan], as_of))

    def views(self, tables: Tables, loans: Sequence[int], as_of: int) -> Iterator[LoanView]:
        """What the reports of many loans say, in that order; a few hundred at a time are looked at together."""
        made = LoanViews(self.scorer, self.book_hash, f"loanwatch {__version__}")
        for start in range(0, len(loans), _AT_ONCE):
            yield from made.views(tables, loans[start : start + _AT_ONCE], as_of, asked_at=self.asked_at)


def find_loan(book: Book, loan_id: str) -> tuple[Part, Tables, int]:
    """The part of `book` that holds the loan, its tables, and the position of the loan in them.

    Raises Refusal, naming the nearest id, where the book has no such loan or its row was set aside.
    """
    part, tables, loans = next(find_loans(book, [loan_id]))
    return part, tables, loans[0]


def find_loans(book: Book, loan_ids: Sequence[str]) -> Iterator[tuple[Part, Tables, list[int]]]:
    """Part by part the tables that hold some of the loans, and their positions in them; each part is read once.

    Raises Refusal, naming the nearest id, where the book has no such loan or its row was set aside.
    """
    held = {part.name: _ids_of(part) for part in book.parts}
    everything = [one for ids in held.values() for one in ids]
    _refuse_unknown(book, loan_ids, everything)
    missing = dict.fromkeys(loan_ids)
    for part in book.parts:
        wanted = [one for one in missing if one in held[part.name]]
        if not wanted:
            continue
        tables = load(part, book.settings).tables
        at = {str(one): k for k, one in enumerate(tables.loan_ids.tolist())}
        found = [one for one in wanted if one in at]
        for one in found:
            del missing[one]
        if found:
            yield part, tables, [at[one] for one in found]
    for one in missing:
        raise Refusal(f"loan {one}: its row was set aside; `loanwatch check` tells why")


def _refuse_unknown(book: Book, loan_ids: Sequence[str], everything: Sequence[str]) -> None:
    known = set(everything)
    for one in loan_ids:
        if one not in known:
            raise Refusal(f"loan {one}: not in the book {book.folder}; nearest: {_nearest(one, everything)}")


def file_name(loan_id: str) -> str:
    """A safe file name for the report of a loan, whatever the lender's ids contain."""
    return (re.sub(r"[^A-Za-z0-9_-]", "_", loan_id)[:80] or "loan") + ".html"


def _nearest(loan_id: str, ids: Sequence[str]) -> str:
    """The id most like `loan_id`, looked for among those that start alike, at most a few thousand."""
    alike = [one for one in ids if one[:2] == loan_id[:2]] or ids
    close = get_close_matches(loan_id[:100], alike[:_LOOKED_AT], n=1)
    return close[0] if close else "none"


def _ids_of(part: Part) -> set[str]:
    return {one for path in part.files.get("loans", ()) for one in _loan_ids(path)}


def _loan_ids(path: Path) -> list[str]:
    scan = pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)
    return [str(one) for one in scan.select("loan_id").collect()["loan_id"].to_list()]
