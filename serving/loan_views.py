"""What the report of one loan says, from loaded tables: for pages written to files and for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day, months_before
from book.errors import Refusal
from book.known import known
from book.tables import Tables
from features.history import History
from policy.state import States
from reports.loan.assemble import loan_view
from reports.loan.view import LoanView, Versions
from serving.judging import judge, whole
from serving.score_cards import score_card
from serving.scorer import Scorer
from serving.scores import Scores

MONTHS_BACK = 12
StatesUsed = Mapping[str, Mapping[str, Any] | None]
"""The policy's state that the last decision on each loan began with, by loan id; a loan left out had none."""


@dataclass(frozen=True)
class LoanViews:
    """Looks at loans with one scorer; `book_hash` and `software` are named on the page as versions."""

    scorer: Scorer
    book_hash: str
    software: str

    def view(self, tables: Tables, loan: int, as_of: int, used: StatesUsed | None = None) -> LoanView:
        """What the report of the loan at position `loan` of `tables` says, with its scores of the twelve months before.

        Every score uses only what was known on its own day. Refusal where the loan was not known on as_of.
        """
        settings = self.scorer.settings
        days = self._days(tables, loan, as_of)
        dossiers = known(tables, np.full(len(days), loan, np.int32), days, settings=settings)
        h = History(dossiers, settings, self.scorer.context)
        now = len(days) - 1
        scores = self._decided(self.scorer.score_history(h), tables, loan, used or {})
        card = score_card(scores, now, self.scorer, past=range(now))
        return loan_view(h, dossiers, now, card, self.scorer.pack, settings, self._versions(), self.scorer.catalogue)

    def _decided(self, scores: Scores, tables: Tables, loan: int, used: StatesUsed) -> Scores:
        """`scores` with the last row's tier and floor as decided together with the borrower's other loans."""
        day, settings = scores.as_of[-1:], self.scorer.settings
        grown, asked = whole(known(tables, np.array([loan], np.int32), day, settings=settings))
        before = [used.get(str(one)) for one in grown.loan_ids[grown.loan]]
        decided = judge(grown, self.scorer, States.from_plain(before, self.scorer.pack)).decisions
        tier, floor = scores.tier.copy(), scores.floor.copy()
        tier[-1], floor[-1] = decided.tier[asked[0]], decided.floor[asked[0]]
        return replace(scores, tier=tier, floor=floor)

    def _days(self, tables: Tables, loan: int, as_of: int) -> NDArray[np.int32]:
        """as_of and the same day of the months before it, as far back as the loan was known; rising."""
        days = months_before(np.full(MONTHS_BACK + 1, as_of), np.arange(MONTHS_BACK, -1, -1))
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
            software=self.software,
        )
