"""One answer on loans: scores, decisions, the states they used, and what of it goes into the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from book.dossiers import Dossiers
from models.reasons import Reason
from policy.alerts import Alert as Fired
from policy.state import States
from serving.alert_entry import alert_entry
from serving.journal import Alert, Delivery, Entry, Score
from serving.journal.from_scores import score_entry
from serving.judging import Judged, Rows, judge, whole
from serving.memory import Memory, Plain
from serving.scorer import Scorer
from serving.webhooks.announcing import NOBODY, Messages


@dataclass(frozen=True)
class Asker:
    """For whom something is computed, as the journal names it; `source` is api, event or desk."""

    actor: str = "demo"
    request_id: str = ""
    source: str = "api"


@dataclass(frozen=True)
class Kept:
    """A score as an entry of the journal, the alerts told with it, and what other systems are told of both."""

    score: Score
    alerts: tuple[Alert, ...]
    messages: tuple[Delivery, ...] = ()


@dataclass(frozen=True)
class Ruling:
    """What is said of loans: `rows` are those asked for, in order, among all that were judged with them.

    `used` are the states by row; `past` (by row) says that the loan was scored for a later month before: such a score
    neither uses nor moves the state, and its alerts open no case.
    """

    judged: Judged
    rows: Rows
    used: Sequence[Plain | None]
    past: NDArray[np.bool_]

    def alerts(self, row: int) -> tuple[Fired, ...]:
        """The alerts told of one row: its own, and those of its borrower."""
        loan, borrower = self._told
        mine = {*loan.get(self.judged.scores.loan_id[row], ()), *borrower.get(self.judged.scores.borrower_id[row], ())}
        return tuple(self.judged.decisions.alerts[at] for at in sorted(mine))

    @cached_property
    def _told(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Positions of the alerts by their loan, and of those of borrowers by their borrower."""
        loan: dict[str, list[int]] = {}
        borrower: dict[str, list[int]] = {}
        for at, alert in enumerate(self.judged.decisions.alerts):
            loan.setdefault(alert.loan_id, []).append(at)
            if alert.level == "borrower":
                borrower.setdefault(alert.subject, []).append(at)
        return loan, borrower

    def reasons(self, row: int) -> tuple[Reason, ...]:
        """The reasons of one row; made once, as their sentences are."""
        if row not in self._reasons:
            self._reasons[row] = self.judged.scores.reasons[row]
        return self._reasons[row]

    @cached_property
    def _reasons(self) -> dict[int, tuple[Reason, ...]]:
        return {}

    def decided(self, row: int) -> dict[str, Any]:
        """The decision on one row, with the columns of the journal; made once, not to be changed."""
        if row not in self._decided:
            plain = self.judged.decisions.plain(row)
            actions = plain["actions"]
            self._decided[row] = plain | {
                "five_class": plain["class"] or "",
                "stage": str(plain["stage"] or ""),
                "action": actions[0]["code"] if actions else "",
                "alerts": [alert.to_plain(self.judged.decisions.pack) for alert in self.alerts(row)],
            }
        return self._decided[row]

    @cached_property
    def _decided(self) -> dict[int, dict[str, Any]]:
        return {}

    def entries(self, askers: Sequence[Asker], data: Sequence[Any], messages: Messages = NOBODY) -> list[Kept]:
        """What keeps each score asked for; `askers` and `data` (what it was made from) by asked row."""
        after, beside = self.judged.decisions.state.to_plain(), self._beside()
        pack, found = self.judged.decisions.pack, []
        for row, asker, made_from in zip(self.rows.tolist(), askers, data, strict=True):
            past = bool(self.past[row])
            score = score_entry(
                self.judged.scores,
                row,
                self.reasons(row),
                request_id=asker.request_id,
                actor=asker.actor,
                source=asker.source,
                data=made_from,
                state_used=self.used[row],
                state_next=None if past else after[row],
                decision=self.decided(row),
                beside=beside[row],
            )
            named = {"score_id": score.score_id, "request_id": asker.request_id, "actor": asker.actor}
            alerts = () if past else tuple(alert_entry(alert, pack, **named) for alert in self.alerts(row))
            found.append(Kept(score, alerts, messages.of(score, alerts, pack)))
        return found

    def _beside(self) -> list[Plain]:
        """By row, the states that were used of the borrower's other loans: they may decide about this one."""
        scores = self.judged.scores
        held: dict[str, dict[str, Plain]] = {}
        for loan, borrower, state in zip(scores.loan_id, scores.borrower_id, self.used, strict=True):
            if state:
                held.setdefault(borrower, {})[loan] = state
        return [
            {loan: state for loan, state in held.get(borrower, {}).items() if loan != own}
            for own, borrower in zip(scores.loan_id, scores.borrower_id, strict=True)
        ]


def together(kept: Sequence[Kept]) -> list[Entry]:
    """The entries of scores that are kept together; what is told of several loans is kept with the first."""
    found: dict[str, Entry] = {}
    for one in kept:
        found[one.score.score_id] = one.score
        for alert in one.alerts:
            found.setdefault(alert.alert_id, alert)
        for message in one.messages:
            found.setdefault(message.delivery_id, message)
    return list(found.values())


def rule(dossiers: Dossiers, scorer: Scorer, memory: Memory) -> Ruling:
    """Judge the observations of `dossiers`, with the borrowers' other loans, after the states that are remembered."""
    grown, rows = whole(dossiers)
    used = memory.states([str(loan) for loan in grown.loan_ids[grown.loan]])
    months = month_of(grown.as_of[grown.moment])
    past = np.array([month_in(state) > month for state, month in zip(used, months.tolist(), strict=True)], np.bool_)
    used = [None if late else state for late, state in zip(past.tolist(), used, strict=True)]
    judged = judge(grown, scorer, States.from_plain(used, scorer.pack))
    return Ruling(judged, rows, used, past)


def month_in(state: Mapping[str, Any] | None) -> int:
    """The month of a state; long ago where there is none."""
    found = state or {}
    return max(int(found.get("month", -1_000_000)), int(found.get("pd_month", -1_000_000)))
