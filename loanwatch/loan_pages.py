"""The report of one loan, from loaded tables to the finished page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.clock import end_of_day, months_before
from book.errors import Refusal
from book.known import known
from book.load import Book, Part, load
from book.tables import Tables
from features.history import History
from loanwatch import __version__
from loanwatch.cards import score_card
from reports.assemble import loan_view
from reports.formats import LANGS, Lang
from reports.loan import loan_report
from reports.view import LoanView, Versions
from serving.judging import judge, whole
from serving.scorer import Scorer
from serving.scores import Scores

_MONTHS_BACK = 12
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
        """What the report of a loan says, with its scores of the twelve months before.

        Every score uses only what was known on its own day. Refusal where the loan was not known on as_of.
        """
        settings = self.scorer.settings
        days = self._days(tables, loan, as_of)
        dossiers = known(tables, np.full(len(days), loan, np.int32), days, settings=settings)
        h = History(dossiers, settings, self.scorer.context)
        now = len(days) - 1
        scores = self._decided(self.scorer.score_history(h), tables, loan, as_of)
        card = score_card(scores, now, self.scorer, past=range(now))
        return loan_view(h, dossiers, now, card, self.scorer.pack, settings, self._versions(), self.scorer.catalogue)

    def _decided(self, scores: Scores, tables: Tables, loan: int, as_of: int) -> Scores:
        """`scores` with the last row's tier and floor as decided together with the borrower's other loans."""
        day, settings = np.array([as_of], np.int32), self.scorer.settings
        grown, asked = whole(known(tables, np.array([loan], np.int32), day, settings=settings))
        decided = judge(grown, self.scorer).decisions
        tier, floor = scores.tier.copy(), scores.floor.copy()
        tier[-1], floor[-1] = decided.tier[asked[0]], decided.floor[asked[0]]
        return replace(scores, tier=tier, floor=floor)

    def _days(self, tables: Tables, loan: int, as_of: int) -> NDArray[np.int32]:
        """as_of and the same day of the months before it, as far back as the loan was known; rising."""
        days = months_before(np.full(_MONTHS_BACK + 1, as_of), np.arange(_MONTHS_BACK, -1, -1))
        loans = tables["loans"]
        cutoffs = end_of_day(days, self.scorer.settings.timezone)
        there = (loans["disbursed_on"][loan] <= days) & (loans["posted_at"][loan] <= cutoffs)
        if not there[-1]:
            raise Refusal(
                f"loan {tables.loan_ids[loan]}: not known on {np.datetime64(as_of, 'D')}; "
                f"it was paid out on {np.datetime64(int(loans['disbursed_on'][loan]), 'D')}"
            )
        return days[there]

    def _versions(self) -> Versions:
        pack, bundle = self.scorer.pack, self.scorer.bundle
        return Versions(
            bundle=bundle.id[:16],
            pack=f"{pack.id} {pack.version} ({pack.hash[:8]})",
            features=bundle.fingerprint[:16],
            book=self.book_hash[:16],
            software=f"loanwatch {__version__}",
        )


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
