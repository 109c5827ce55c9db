"""Why the score of a loan moved: from the last one of an earlier day, by day or by night, to the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from book.errors import Refusal
from book.known import known
from features.history import History
from models.moved import Told, moved
from models.ranking import families
from serving.backing import BookStore
from serving.case_answers import MovedOut, ShiftOut
from serving.journal import Journal
from serving.memory import Run, Runs
from serving.render import day
from serving.scorer import Scorer, feature_hashes

_NO_MOVE: Final = {
    "en": "There is no earlier score of this loan by this model to compare with.",
    "zh": "没有由同一模型给出的更早评分可供比较。",
}
_FAMILIES: Final = {
    "en": "Families alone: the figures behind one of the two scores are not at hand any more.",
    "zh": "仅列出指标族：其中一次评分所依据的数据已不可用。",
}
NOTHING: Final = MovedOut(None, None, {}, [], _NO_MOVE)
SEARCHED: Final = 100
"""Earlier scores by day that are looked through."""


@dataclass(frozen=True)
class Point:
    """A score with a PD: its day and model, contributions by family, and what gives its features.

    `features` gives (1, k), or None where they are not at hand; those of a night are computed again when asked for.
    """

    as_of: int
    bundle_id: str
    features: Callable[[], Any]
    by_family: Mapping[str, float]


@dataclass(frozen=True)
class Past:
    """Where earlier scores of a loan are found: the journal, the nights, and the store of the book for features."""

    journal: Journal
    runs: Runs | None
    store: BookStore | None
    scorer: Scorer

    def since(self, loan_id: str, latest: Point | None, place: int | None) -> MovedOut:
        """Why the newest score differs from the last one of its model on an earlier day; `place` is its place."""
        if latest is None or latest.bundle_id != self.scorer.bundle.id:
            return NOTHING
        found = [*self._by_day(loan_id, latest.as_of, place), *self._by_night(loan_id, latest.as_of)]
        earlier = max(
            (one for one in found if one.bundle_id == latest.bundle_id), key=lambda one: one.as_of, default=None
        )
        return NOTHING if earlier is None else self._move(earlier, latest)

    def _by_day(self, loan_id: str, before: int, place: int | None) -> Iterator[Point]:
        """The last score of an earlier day that the journal holds."""
        for kept in self.journal.scores_of(loan_id, SEARCHED, place).rows:
            one = kept.entry
            if one.as_of < before and one.status == "scored" and one.bundle_id == self.scorer.bundle.id:
                point = point_of(one.as_of, one.bundle_id, self.journal.value(one.details))
                if point is not None:
                    yield point
                    return

    def _by_night(self, loan_id: str, before: int) -> Iterator[Point]:
        """The loan in the last night of an earlier day."""
        run = self.runs.latest(before_as_of=before) if self.runs else None
        row = run.lookup([loan_id]).get(loan_id) if run else None
        if run is not None and row is not None:
            point = self.of_night(run, row)
            if point is not None:
                yield point

    def of_night(self, run: Run, row: Mapping[str, Any]) -> Point | None:
        """The row of a night; its features are computed again from the book as it was then."""
        if row["status"] != "scored":
            return None
        facts = run.kept.entry
        codes = families(self.scorer.catalogue.columns)
        by_family = {code: float(row.get(f"contribution_{code.lower()}") or 0.0) for code in codes}
        return Point(facts.as_of, facts.bundle_id, lambda: self._features(facts, row), by_family)

    def _features(self, facts: Any, row: Mapping[str, Any]) -> Any:
        """The features (1, k) of a row of a night; None where the book is gone or they do not come out again."""
        if self.store is None or not facts.store:
            return None
        try:
            tables = self.store.tables([row["borrower_id"]], 0, facts.store)
        except (Refusal, LookupError):
            return None
        at = np.flatnonzero(tables.loan_ids == row["loan_id"]).astype(np.int32)[:1]
        as_of, cutoff = np.array([facts.as_of], np.int32), np.array([facts.cutoff], np.int64)
        h = History(known(tables, at, as_of, cutoff), self.store.generation.settings, self.scorer.context)
        x = np.ascontiguousarray(self.scorer.catalogue.matrix(h), np.float32)
        return x if feature_hashes(x)[0] == row["feature_hash"] else None

    def _move(self, earlier: Point, latest: Point) -> MovedOut:
        since = day(earlier.as_of)
        before = earlier.features()
        after = None if before is None else latest.features()
        if before is None or after is None:
            was, now = earlier.by_family, latest.by_family
            change = {code: now.get(code, 0.0) - was.get(code, 0.0) for code in {**was, **now}}
            return MovedOut(since, sum(change.values()), change, [], _FAMILIES)
        told = [Told(latest.bundle_id, self.scorer.contributions(x)[0], x[0]) for x in (before, after)]
        move = moved(told[0], told[1], self.scorer.catalogue.columns)
        shifts = [ShiftOut(shift.family, shift.change, dict(shift.text)) for shift in move.shifts]
        return MovedOut(since, move.change, dict(move.by_family), shifts, {})


def point_of(as_of: int, bundle_id: str, details: Mapping[str, Any] | None) -> Point | None:
    """A score that the journal holds, by its details; None where they were erased."""
    if not details or "features" not in details:
        return None
    x = np.frombuffer(msgspec.convert(details["features"], bytes, strict=False), "<f4").reshape(1, -1)
    return Point(as_of, bundle_id, lambda: x, details.get("contributions", {}))
