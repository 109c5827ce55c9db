"""The planted causes and confounders, kept apart from the book; only tests and benchmarks read them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.causes import CAUSES, CONFOUNDERS
from book.sources.simulate.part import Part
from book.sources.simulate.rows import Rows

KINDS = (*CAUSES, *CONFOUNDERS)


def table(part: Part) -> pa.Table:
    """One row per loan and spell: borrower_id, loan_id, cause, confounder, onset, end, severity."""
    rows = Rows("loan", "kind", "onset", "end", "severity")
    for kind, name in enumerate(KINDS):
        spell = part.story.spells[name]
        position = np.full(len(part.who), -1, np.int64)
        position[spell.who] = np.arange(len(spell.who))
        at = position[part.loans.borrower]
        loan = np.flatnonzero(at >= 0)
        onset = spell.onset[at[loan]]
        end = part.calendar.starts[onset + spell.length[at[loan]]] - 1
        severity = np.rint(spell.severity[at[loan]] * 1e4)
        rows.add(loan=loan, kind=kind, onset=part.calendar.starts[onset], end=end, severity=severity)
    columns = rows.columns()
    owner = part.loans.borrower[columns["loan"]]
    return pa.table(
        {
            "borrower_id": arrow.ids_of("B", owner, part.who.number),
            "loan_id": arrow.ids_of("L", columns["loan"], part.loans.number),
            "cause": arrow.words(columns["kind"], KINDS),
            "confounder": arrow.flags(columns["kind"] >= len(CAUSES)),
            "onset_on": arrow.dates(columns["onset"]),
            "ends_on": arrow.dates(columns["end"]),
            "severity": arrow.numbers(columns["severity"] / 1e4),
        }
    )
