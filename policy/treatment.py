"""What is suggested for each loan: a cell of the matrix, who approves, when it is reviewed, and who is held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of
from policy.ability import ability, willingness
from policy.asking import Bools, Sheet
from policy.parts.treatments import Treatments

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
ORANGE, RED = 3, 4


@dataclass(frozen=True)
class Treatment:
    """Suggestions for n loans; nothing is done by itself.

    `cell` is a position in `treatments.cells` (-1: no tier). `needs_approval`: a person decides before anything is
    done, of `approval` at least (position in `treatments.approvals`). `review` is a position in
    `treatments.reviews`, a step further where the exposure is in the band (`raised`). `ask_for_data`: an index is not
    known and was taken as high. `holdout`: left untreated to measure effect.
    """

    ability: Floats
    willingness: Floats
    ead: Floats
    el: Floats
    raised: Bools
    cell: Codes
    needs_approval: Bools
    approval: Codes
    review: Codes
    ask_for_data: Bools
    holdout: Bools


def exposure(values: Sheet, product: Sequence[str | None], pd: Floats, rules: Treatments) -> tuple[Floats, Floats]:
    """EAD = principal + accrued + CCF x undrawn and EL = PD x LGD x EAD, major units, (n,); PD 1 where in default.

    Accrued interest and undrawn limits that are not known count nothing; EAD is NaN without the principal.
    """
    of = [rules.products.get(name or "", rules.other) for name in product]
    ccf, lgd = np.array([(one.ccf, one.lgd) for one in of]).reshape(-1, 2).T
    accrued, undrawn = (np.where(np.isnan(values[name]), 0.0, values[name]) for name in ("accrued", "undrawn"))
    ead = values["principal_outstanding"] + accrued + ccf * undrawn
    return ead, pd * lgd * ead


def treat(
    values: Sheet,
    tier: Codes,
    worst: Codes,
    exposed: tuple[Floats, Floats],
    borrowers: Sequence[str],
    rules: Treatments,
) -> Treatment:
    """The suggestion for each loan. `tier` (n,) position in tiers and D, -1 none; `worst` alert that holds, 0 to 4."""
    able, willing = ability(values, rules), willingness(values, rules)
    low = (able < rules.high_from).astype(np.int8), (willing < rules.high_from).astype(np.int8)
    has = tier >= 0
    cell = np.where(has, 4 * tier + 2 * low[0] + low[1], -1).astype(np.int8)
    ead, el = exposed
    raised = has & ((ead >= rules.ead_from) | (el >= rules.el_from))
    last = len(rules.reviews) - 1
    return Treatment(
        ability=able,
        willingness=willing,
        ead=ead,
        el=el,
        raised=raised,
        cell=cell,
        needs_approval=has & (rules.waits[cell] | (worst >= ORANGE) | (tier == last)),
        approval=np.where(has, np.minimum(rules.approval_of[tier] + raised, len(rules.approvals) - 1), 0).astype(
            np.int8
        ),
        review=np.where(has, np.minimum(tier + raised, last), -1).astype(np.int8),
        ask_for_data=has & (np.isnan(able) | np.isnan(willing)),
        holdout=_held_out(values, tier, cell, worst, borrowers, rules),
    )


def _approval(tier: Codes, raised: Bools, rules: Treatments) -> Codes:
    """Who approves: of the tier, a step further where the exposure is in the band; 0 without a tier."""
    wanted = np.minimum(rules.approval_of[tier] + raised, len(rules.approvals) - 1)
    return np.where(tier >= 0, wanted, 0).astype(np.int8)


def class_review_on(as_of: NDArray[np.int32], months: int) -> NDArray[np.int32]:
    """The day by which every loan's class is signed off next: the end of the quarter (`months` 3) as_of lies in."""
    return month_end((month_of(as_of) // months + 1) * months - 1)


def held_out(borrower: str, salt: str, share: float) -> bool:
    """Whether a borrower belongs to the share that is left untreated: the same answer at any time, on any machine."""
    digest = blake2b(f"{salt}:{borrower}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64


def _held_out(
    values: Sheet, tier: Codes, cell: Codes, worst: Codes, borrowers: Sequence[str], rules: Treatments
) -> Bools:
    """Never where hardship is offered or recorded, a check that the law asks for is due, or a red alert stands."""
    able = rules.may_hold_out[tier] & (worst < RED) & ~rules.offers_hardship[cell]
    able &= ~(values["hardship"] == 1) & ~(values["observation"] == 1) & ~(values["complaint_open"] == 1)
    able &= ~(values["review_overdue_days"] > 0) & ~((values["first_check_done"] == 0) & (values["days_on_book"] > 30))
    out = np.zeros(len(tier), bool)
    for i in np.flatnonzero(able).tolist():
        out[i] = held_out(str(borrowers[i]), rules.holdout_salt, rules.holdout)
    return out
