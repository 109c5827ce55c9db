"""One answer on loans: scores, decisions, the states they used, and what of it goes into the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from book.dossiers import Dossiers
from policy.alerts import Alert as Fired
from policy.state import States
from serving.alert_entry import alert_entry
from serving.journal import Entry
from serving.journal.from_scores import score_entries
from serving.judging import Judged, Rows, judge, whole
from serving.memory import Memory, Plain
from serving.scorer import Scorer


@dataclass(frozen=True)
class Asker:
    """For whom something is computed, as the journal names it; `source` is api, event or desk."""

    actor: str = "demo"
    request_id: str = ""
    source: str = "api"


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
        scores = self.judged.scores
        loan, borrower = scores.loan_id[row], scores.borrower_id[row]
        return tuple(
            alert
            for alert in self.judged.decisions.alerts
            if alert.loan_id == loan or (alert.level == "borrower" and alert.subject == borrower)
        )

    def decided(self, row: int) -> dict[str, Any]:
        """The decision on one row, with the columns of the journal."""
        plain = self.judged.decisions.plain(row)
        actions = plain["actions"]
        return plain | {
            "five_class": plain["class"] or "",
            "stage": str(plain["stage"] or ""),
            "action": actions[0]["code"] if actions else "",
            "alerts": [alert.to_plain(self.judged.decisions.pack) for alert in self.alerts(row)],
        }

    def entries(self, asker: Asker, data: Sequence[Any]) -> tuple[list[str], list[Entry]]:
        """Ids of the scores asked for, and the entries that keep them; `data` by asked row: what it was made from."""
        after = self.judged.decisions.state.to_plain()
        kept = score_entries(
            self.judged.scores,
            request_id=asker.request_id,
            actor=asker.actor,
            source=asker.source,
            data=None,
            states_used=self.used,
            states_next=[None if past else state for past, state in zip(self.past.tolist(), after, strict=True)],
            decisions=[self.decided(row) for row in range(len(after))],
            beside=self._beside(),
        )
        found: dict[str, Entry] = {}
        ids, pack = [], self.judged.decisions.pack
        for row, made_from in zip(self.rows.tolist(), data, strict=True):
            score = msgspec.structs.replace(kept[row], data=made_from)
            ids.append(score.score_id)
            found[score.score_id] = score
            if not self.past[row]:
                for alert in self.alerts(row):
                    entry = alert_entry(
                        alert, pack, score_id=score.score_id, request_id=asker.request_id, actor=asker.actor
                    )
                    found.setdefault(entry.alert_id, entry)
        return ids, list(found.values())

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
