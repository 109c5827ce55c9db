"""What the reports of loans say, from loaded tables: for pages written to files and for the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day, month_of, months_before
from book.dossiers import Dossiers
from book.errors import Refusal
from book.known import known
from book.tables import NEVER, Tables
from features.history import History
from policy.state import States
from reports.loan.assemble import Beside, loan_view
from reports.loan.journal import JournalFacts
from reports.loan.view import LoanView, Versions
from serving.judging import judge, whole
from serving.ruling import Ruling
from serving.score_cards import score_card
from serving.scorer import Scorer
from serving.scores import Scores

MONTHS_BACK = 12
StatesUsed = Mapping[str, Mapping[str, Any] | None]
"""The policy's state that the last decision on each loan began with, by loan id; a loan left out had none."""
_NOTHING = JournalFacts()


class _Asked(NamedTuple):
    """Observations in order of loan and day: `last` (loans,) is the row of as_of, `first` of the oldest month before.

    `twice` (loans,) are the rows that only show the instalments by another state of knowledge.
    """

    loan: NDArray[np.int32]
    day: NDArray[np.int32]
    cutoff: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    twice: NDArray[np.int64]


class _Look(NamedTuple):
    """Many loans at one look: the months of each, their instalments by another state of knowledge, what was decided."""

    h: History
    other: History
    scores: Scores
    ruling: Ruling


@dataclass(frozen=True)
class LoanViews:
    """Looks at loans with one scorer; `book_hash` and `software` are named on the page as versions."""

    scorer: Scorer
    book_hash: str
    software: str

    def view(
        self,
        tables: Tables,
        loan: int,
        as_of: int,
        used: StatesUsed | None = None,
        journal: JournalFacts | None = None,
        asked_at: datetime | None = None,
    ) -> LoanView:
        """What the report of the loan at position `loan` of `tables` says; see `views`."""
        return self.views(tables, [loan], as_of, used, {loan: journal} if journal else None, asked_at)[0]

    def views(
        self,
        tables: Tables,
        loans: Sequence[int],
        as_of: int,
        used: StatesUsed | None = None,
        journal: Mapping[int, JournalFacts] | None = None,
        asked_at: datetime | None = None,
    ) -> list[LoanView]:
        """What the reports of the loans at positions `loans` of `tables` say, in that order: one look for all of them.

        Every score, also those of the twelve months before, uses only what was known on its own day. `journal` has
        facts by position, `asked_at` is the moment for which the contact guard is asked. Refusal where a loan was not
        known on as_of.
        """
        if not len(loans):
            return []
        settings = self.scorer.settings
        asked = self._asked(tables, np.asarray(loans, np.int32), as_of)
        everything = known(tables, asked.loan, asked.day, asked.cutoff, settings=settings)
        scored = np.ones(len(asked.loan), np.bool_)
        scored[asked.twice] = False
        place = np.cumsum(scored) - 1
        first, now = place[asked.first], place[asked.last]
        h = History(_some(everything, np.flatnonzero(scored)), settings, self.scorer.context)
        scores = self.scorer.score_history(h)
        ruling = self._ruled(_some(everything, asked.last), scores, first, now, used)
        look = _Look(h, History(_some(everything, asked.twice), settings), _decided(scores, now, ruling), ruling)
        later = asked.day[asked.twice] == as_of
        then = np.where(later, now, np.maximum(now - 1, first))
        rows = zip(loans, first.tolist(), now.tolist(), then.tolist(), strict=True)
        told = journal or {}
        return [self._one(look, k, one[1:], told.get(int(one[0]), _NOTHING), asked_at) for k, one in enumerate(rows)]

    def _one(
        self, look: _Look, k: int, rows: tuple[int, int, int], facts: JournalFacts, asked_at: datetime | None
    ) -> LoanView:
        """The k-th loan; `rows` are the oldest month, as_of and the state known then."""
        first, now, then = rows
        card = score_card(look.scores, now, self.scorer, range(first, now), facts.last)
        beside = Beside(
            decided=_with_open(look.ruling.decided(int(look.ruling.rows[k])), facts.alerts),
            asked_at=asked_at,
            then=(look.h, then),
            now=(look.other, k),
            status_of_alerts={str(one["rule"]): str(one.get("status", "")) for one in facts.alerts},
        )
        scorer = self.scorer
        return loan_view(
            look.h, look.h.dossiers, now, card, scorer.pack, scorer.settings, self._versions(facts), scorer.catalogue,
            beside,
        )  # fmt: skip

    def _asked(self, tables: Tables, loans: NDArray[np.int32], as_of: int) -> _Asked:
        """as_of and the same day of the months before it, as far back as each loan was known, rising.

        The last row of a loan is for its instalments by another state of knowledge: on as_of by what was posted since,
        or else on the month before by what is known on as_of.
        """
        zone, frame = self.scorer.settings.timezone, tables["loans"]
        months = months_before(np.full(MONTHS_BACK + 1, as_of), np.arange(MONTHS_BACK, -1, -1))
        cutoffs = end_of_day(months, zone)
        there = frame["disbursed_on"][loans][:, None] <= months
        there &= frame["posted_at"][loans][:, None] <= cutoffs
        if not there[:, -1].all():
            loan = int(loans[np.flatnonzero(~there[:, -1])[0]])
            raise Refusal(
                f"loan {tables.loan_ids[loan]}: not known on {np.datetime64(as_of, 'D')}; "
                f"it was paid out on {np.datetime64(int(frame['disbursed_on'][loan]), 'D')}"
            )
        latest = max(_latest_posting(tables), int(cutoffs[-1]))
        later = latest > cutoffs[-1]
        count = there.sum(axis=1) + 1
        end = np.cumsum(count) - 1
        day, cutoff = np.empty(int(count.sum()), np.int32), np.empty(int(count.sum()), np.int64)
        for k, row in enumerate(there):
            span = slice(int(end[k]) - int(count[k]) + 1, int(end[k]))
            day[span], cutoff[span] = months[row], cutoffs[row]
        before = day[np.maximum(end - 2, end - count + 1)]
        day[end], cutoff[end] = np.where(later, as_of, before), latest
        return _Asked(np.repeat(loans, count), day, cutoff, end - count + 1, end - 1, end)

    def _ruled(
        self,
        now: Dossiers,
        scores: Scores,
        first: NDArray[np.int64],
        last: NDArray[np.int64],
        used: StatesUsed | None,
    ) -> Ruling:
        """The decisions of as_of, together with the borrowers' other loans.

        Where no state is given, the probabilities of the months before stand in for it: rules on changes need them.
        """
        grown, rows = whole(now)
        ids = [str(one) for one in grown.loan_ids[grown.loan]]
        given: dict[str, Any] = dict(used or {})
        if used is None:
            given = {scores.loan_id[b]: _remembered(scores, a, b) for a, b in zip(first, last, strict=True)}
        before = [given.get(one) for one in ids]
        judged = judge(grown, self.scorer, States.from_plain(before, self.scorer.pack))
        return Ruling(judged, rows, before, np.zeros(len(ids), np.bool_))

    def _versions(self, facts: JournalFacts) -> Versions:
        pack, bundle, context = self.scorer.pack, self.scorer.bundle, self.scorer.context
        return Versions(
            bundle=bundle.id[:16],
            pack=f"{pack.id} {pack.version} ({pack.hash[:8]})",
            features=bundle.fingerprint[:16],
            book=facts.data or self.book_hash[:16],
            software=self.software,
            context=context.hash[:16] if context else "",
            score_id=facts.score_id,
        )


def _some(dossiers: Dossiers, rows: NDArray[np.int64]) -> Dossiers:
    return replace(dossiers, loan=dossiers.loan[rows], moment=dossiers.moment[rows])


def _latest_posting(tables: Tables) -> int:
    """When the last row on a repayment was posted, UTC microseconds."""
    stamps = [tables[name]["posted_at"] for name in ("instalments", "payments") if name in tables]
    stamps.append(tables["payments"]["cancelled_at"])
    return max((int(one[one < NEVER].max(initial=0)) for one in stamps), default=0)


def _remembered(scores: Scores, first: int, last: int) -> dict[str, Any] | None:
    """A state that holds the probabilities of up to four months before row `last`."""
    rows = range(max(int(first), int(last) - 4), int(last))
    if not rows:
        return None
    pds = [float(scores.pd[row]) if np.isfinite(scores.pd[row]) else None for row in reversed(rows)]
    month = int(month_of(scores.as_of[rows[-1] : rows[-1] + 1])[0])
    return {"bundle": scores.bundle_id, "pd_month": month, "pds": [*pds, *[None] * (4 - len(pds))]}


def _decided(scores: Scores, now: NDArray[np.int64], ruling: Ruling) -> Scores:
    """`scores` with the tiers and floors of as_of as they were decided."""
    decisions = ruling.judged.decisions
    tier, floor = scores.tier.copy(), scores.floor.copy()
    tier[now], floor[now] = decisions.tier[ruling.rows], decisions.floor[ruling.rows]
    return replace(scores, tier=tier, floor=floor)


def _with_open(decided: dict[str, Any], kept: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The decision with the alerts that the journal still holds open beside those it tells itself."""
    told = {(one["rule"], one["subject"]) for one in decided["alerts"]}
    more = [one for one in kept if (one["rule"], one.get("subject")) not in told]
    return decided | {"alerts": [*decided["alerts"], *more]}
