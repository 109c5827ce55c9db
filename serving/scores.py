"""The result of scoring: one entry per observation in every array, with all that is needed to tell why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.reasons import Reasons
from policy.tiers import State
from serving.notes import Note

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Strings = tuple[str, ...]


@dataclass(frozen=True)
class Scores:
    """Scores of n observations (loan, as_of).

    Per observation: `loan_id` and `borrower_id` (text; the borrower's is a pseudonym), `as_of` (days since
    1970-01-01), `cutoff` (UTC microseconds: nothing posted later was used), `features` (n, k) float32 as the
    model saw them and `feature_hash`, the SHA-256 of each row's bytes. `dpd` is days past due on `as_of`;
    `principal_outstanding` is in whole minor units, NaN where unknown. `assumed` is the share of the rows
    behind a score whose time of posting was not given.

    Codes are positions in `statuses`, `grades`, `tiers` (T1..T5, D) and `floors`; -1 = none. Only those
    with status `scored` have `pd`, `raw` (log-odds before calibration), a grade, contributions and reasons;
    elsewhere these are NaN, -1 or empty. `contributions` (n, k) and `by_family` (n, f) are log-odds against
    `base`, the mean of training, and sum with it to `raw`. `held` says that a better tier was due but has to
    wait; `state` is what the next scoring of these loans takes as `previous`. `explainer` made the
    contributions; `calibration` is the kind that turned `raw` into `pd`; `bundle_id`, `pack_hash` and
    `context_hash` (empty: none) name the model, the policy and the cohort figures used.
    """

    loan_id: Strings
    borrower_id: Strings
    as_of: NDArray[np.int32]
    cutoff: NDArray[np.int64]
    status: Codes
    pd: Floats
    raw: Floats
    grade: Codes
    tier: Codes
    floor: Codes
    held: NDArray[np.bool_]
    state: State
    dpd: NDArray[np.int64]
    principal_outstanding: Floats
    features: NDArray[np.float32]
    feature_hash: Strings
    contributions: Floats
    by_family: Floats
    reasons: Reasons
    notes: tuple[tuple[Note, ...], ...]
    assumed: Floats
    statuses: Strings
    grades: Strings
    tiers: Strings
    floors: Strings
    families: Strings
    base: float
    explainer: str
    calibration: str
    bundle_id: str
    pack_id: str
    pack_version: str
    pack_hash: str
    context_hash: str

    def __len__(self) -> int:
        return len(self.loan_id)
