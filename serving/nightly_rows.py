"""What a nightly run says of each loan, as rows of its sealed segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from book.store_rows import number_word
from book.tables import Frame
from policy.alerts import Alert
from policy.decisions import Decisions
from policy.parts.classes import CLASSES
from policy.parts.rules import SEVERITIES
from serving.files import nested_table
from serving.judging import Judged

STATE_USED = "state_used"
STATE_NEXT = "state_next"
ALERTS = "alerts"
TOLD = "alerts_told"
"""How many of them there are."""
TOLD_ONCE = ("as_of", "cutoff", "model", "policy", "policy_hash", "context_hash")
"""Columns of a score that are one for the whole run: its manifest has them."""

KINDS = ("product", "channel", "region", "industry")
"""What a loan is and where, as text."""
GROUPS = (*KINDS, "employer_id", "disbursed_on")
"""Columns that are not said of a loan but group it."""
Plain = dict[str, Any] | None


def night_rows(judged: Judged, states: Sequence[Plain]) -> pa.Table:
    """One row a loan: the score with its reasons, the decision, its alerts, and the policy's states as JSON.

    `states` are those that were used, None where there was none. Days are dates, amounts of `ead` and `el` major units,
    `exposure` minor units.
    """
    scores, decisions = judged.scores, judged.decisions
    table = nested_table(scores).drop_columns(list(TOLD_ONCE))
    columns = {"raw": table["raw_score"], "exposure": _minor(scores.principal_outstanding)}
    columns |= _decided(decisions)
    columns[TOLD], columns[ALERTS] = _alerts(decisions)
    columns[STATE_USED] = _json(states)
    columns[STATE_NEXT] = _json(decisions.state.to_plain())
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table.drop_columns(["raw_score"])


def with_kinds(rows: pa.Table, loans: Frame, positions: Any) -> pa.Table:
    """The rows of the loans at `positions` (n,) with what groups them: `KINDS`, `employer` (a pseudonym), payout."""
    for name in KINDS:
        texts = loans[name][positions].tolist() if name in loans else [None] * len(rows)
        rows = rows.append_column(name, pa.array(texts, pa.string()))
    employers = loans["employer_id"][positions].tolist() if "employer_id" in loans else [0] * len(rows)
    words = [number_word(number) if number else None for number in employers]
    rows = rows.append_column("employer_id", pa.array(words, pa.string()))
    return rows.append_column("disbursed_on", pa.array(loans["disbursed_on"][positions], pa.int32()).cast(pa.date32()))


def alerts_of(text: str) -> list[Alert]:
    """The alerts of a row again."""
    return msgspec.json.decode(text, type=list[Alert])


def _decided(d: Decisions) -> dict[str, pa.Array]:
    n, treatments = len(d), d.pack.treatments
    actions = [[action.code for action in d.actions(i)] for i in range(n)]
    reviews = [treatments.reviews[k].review_days if k >= 0 else None for k in d.review.tolist()]
    return {
        "five_class": pa.array([CLASSES[k] if k >= 0 else None for k in d.five_class.tolist()], pa.string()),
        "class_reasons": pa.array([[r.clause for r in reasons] for reasons in d.class_reasons], pa.list_(pa.string())),
        "class_held": pa.array(d.class_held, pa.bool_()),
        "stage": pa.array([str(k) if k else None for k in d.stage.tolist()], pa.string()),
        "ability": _numbers(d.ability),
        "willingness": _numbers(d.willingness),
        "ead": _numbers(d.ead),
        "el": _numbers(d.el),
        "action": pa.array([some[0] if some else None for some in actions], pa.string()),
        "actions": pa.array(actions, pa.list_(pa.string())),
        "needs_approval": pa.array(d.needs_approval, pa.bool_()),
        "review_days": pa.array(reviews, pa.int32()),
        "worst_alert": pa.array([SEVERITIES[k - 1] if k else None for k in d.worst.tolist()], pa.string()),
        "not_evaluated": pa.array([list(d.not_evaluated_of(i)) for i in range(n)], pa.list_(pa.string())),
    }


def _alerts(decisions: Decisions) -> tuple[pa.Array, pa.Array]:
    """How many alerts each loan has, and they as JSON text, null where there is none."""
    row = {loan: i for i, loan in enumerate(decisions.loan_id.tolist())}
    found: list[list[Alert]] = [[] for _ in row]
    for alert in decisions.alerts:
        found[row[alert.loan_id]].append(alert)
    texts = [msgspec.json.encode(some).decode() if some else None for some in found]
    return pa.array([len(some) for some in found], pa.int16()), pa.array(texts, pa.string())


def _json(plain: Sequence[Plain]) -> pa.Array:
    return pa.array([msgspec.json.encode(one).decode() if one else None for one in plain], pa.string())


def _minor(values: Any) -> pa.Array:
    unknown = np.isnan(values)
    return pa.array(np.where(unknown, 0, values).round().astype(np.int64), pa.int64(), mask=unknown)


def _numbers(values: Any) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))
