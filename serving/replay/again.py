"""Judging again: the way each kind of score was made, with the states that were used then."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import numpy as np

from book.known import known
from book.tables import Tables
from policy.state import States
from serving.events import Moment, judge_event
from serving.judging import judge, whole
from serving.nightly_rows import STATE_USED, night_rows
from serving.replay.told import EVENT, NIGHT, Told, said_in, said_of
from serving.ruling import Asker, Ruling
from serving.scorer import Scorer


def say_again(told: Told, tables: Tables, at: int, scorer: Scorer) -> dict[str, Any]:
    """What is said now of the loan at position `at` of `tables`, by the names of `told.said`."""
    if told.source == EVENT:
        return _of_ruling(_event(told, tables, scorer))
    ruling = _ruling(told, tables, at, scorer)
    return _of_night(ruling) if told.source == NIGHT else _of_ruling(ruling)


def _ruling(told: Told, tables: Tables, at: int, scorer: Scorer) -> Ruling:
    """The loan and the borrower's others, judged on the day of the score."""
    as_of, cutoff = np.array([told.columns["as_of"]], np.int32), np.array([told.columns["cutoff"]], np.int64)
    asked = known(tables, np.array([at], np.int32), as_of, cutoff, scorer.settings)
    grown, rows = whole(asked)
    used = told.states([str(loan) for loan in grown.loan_ids[grown.loan]])
    judged = judge(grown, scorer, States.from_plain(used, scorer.pack))
    return Ruling(judged, rows, used, np.full(len(used), told.past))


def _event(told: Told, tables: Tables, scorer: Scorer) -> Ruling:
    """All loans of the borrower on the open day, with the PD of the last closed one."""
    data = cast(dict[str, Any], told.data)
    moment = Moment(told.columns["as_of"], told.columns["cutoff"], data["upto"], scorer.settings)
    ruling = judge_event(tables, moment, scorer, told.states)
    row = list(ruling.judged.scores.loan_id).index(told.columns["loan_id"])
    return Ruling(ruling.judged, np.array([row], np.int64), ruling.used, np.full(len(ruling.used), told.past))


def _of_ruling(ruling: Ruling) -> dict[str, Any]:
    """As the entry of the journal says it."""
    (kept,) = ruling.entries([Asker()], [None])
    entry = kept.score
    details = msgspec.json.decode(entry.details)
    after = None if entry.state_next is None else msgspec.json.decode(msgspec.json.encode(entry.state_next))
    return said_of(entry, details, after)


def _of_night(ruling: Ruling) -> dict[str, Any]:
    """As the row of a night says it."""
    table = night_rows(ruling.judged, [None if one is None else dict(one) for one in ruling.used])
    row: dict[str, Any] = table.drop_columns([STATE_USED]).slice(int(ruling.rows[0]), 1).to_pylist()[0]
    return said_in(row)
