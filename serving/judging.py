"""Score and policy together: the one way from what was known of loans to what is said and suggested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.dossiers import Dossiers
from features.history import History
from policy.decide import decide
from policy.decisions import Decisions
from policy.facts import build, whole_debtors
from policy.state import States
from serving.scorer import Scorer
from serving.scores import Scores

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """Scores and decisions of the same observations, in the same order; tiers and floors are those of the decisions."""

    scores: Scores
    decisions: Decisions

    @classmethod
    def of(cls, scores: Scores, decisions: Decisions) -> Judged:
        """Scores that carry the grades, tiers, floors and states of the `decisions` on them."""
        told = replace(
            scores,
            grade=decisions.grade,
            tier=decisions.tier,
            floor=decisions.floor,
            held=decisions.held,
            state=decisions.state.tiers,
        )
        return cls(told, decisions)


def judge(dossiers: Dossiers, scorer: Scorer, previous: States | None = None) -> Judged:
    """Score every observation of `dossiers` and decide on it.

    `previous` are the policy's states after the last decision on the same loans, in the same order (None: none).
    One moment a borrower: what a debtor's loans say of each other is asked within one call.
    """
    return judge_history(History(dossiers, scorer.settings, scorer.context), scorer, previous)


def judge_history(h: History, scorer: Scorer, previous: States | None = None) -> Judged:
    """As `judge`, for a history that is at hand."""
    scores = scorer.score_without_tiers(h)
    facts = build(
        h, scores.features, scorer.catalogue.names, status=scores.status, pd=scores.pd, catalogue=scorer.catalogue
    )
    decisions = decide(facts, scorer.pack, previous, bundle_id=scorer.bundle.id)
    return Judged.of(scores, decisions)


def whole(dossiers: Dossiers) -> tuple[Dossiers, Rows]:
    """The dossiers with the borrowers' other loans, and the row of each observation that was asked for, in order.

    Loans are in the order of the tables whichever were asked for: an alert about a borrower is told of the same loan.
    """
    found = dossiers if _alone(dossiers) else whole_debtors(dossiers)[0]
    order = np.lexsort((found.loan, found.moment))
    grown = replace(found, loan=found.loan[order], moment=found.moment[order])
    if found is dossiers:
        return grown, np.argsort(order)
    pairs = zip(grown.moment.tolist(), grown.loan.tolist(), strict=True)
    places = {pair: row for row, pair in enumerate(pairs)}
    asked = zip(dossiers.moment.tolist(), dossiers.loan.tolist(), strict=True)
    return grown, np.array([places[pair] for pair in asked], np.int64)


def _alone(dossiers: Dossiers) -> bool:
    """Whether no borrower has another loan, and none is asked about twice."""
    borrower = dossiers.loans["borrower_id"][dossiers.loan]
    first, stop = dossiers.loan_offsets[borrower], dossiers.loan_offsets[borrower + 1]
    if (stop - first != 1).any():
        return False
    n = len(dossiers)
    return n == 1 or len({*zip(dossiers.moment.tolist(), dossiers.loan.tolist(), strict=True)}) == n


def groups(borrower: NDArray[Any], chunk: int) -> Iterator[slice]:
    """Slices of about `chunk` rows that part no borrower; `borrower` (n,) is in order."""
    ends = np.append(np.flatnonzero(np.diff(borrower)) + 1, len(borrower))
    start = 0
    while start < len(borrower):
        stop = int(ends[min(int(np.searchsorted(ends, start + chunk)), len(ends) - 1)])
        yield slice(start, stop)
        start = stop
