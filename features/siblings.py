"""The borrower's other loans: a default here is seldom alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from book.dossiers import Dossiers


def siblings(dossiers: Dossiers) -> tuple[Dossiers, NDArray[np.int64]]:
    """Observations of the other loans of each borrower, and the observation (n,) each of them belongs to.

    A loan counts when its own row is known at the cut-off and it is paid out at as_of. The rows of the dossiers are
    shared, not copied.
    """
    d = dossiers
    borrower = d.loans["borrower_id"][d.loan].astype(np.int64)
    first, count = d.loan_offsets[borrower], d.loan_offsets[borrower + 1] - d.loan_offsets[borrower]
    if count.max(initial=0) <= 1:
        return replace(d, loan=d.loan[:0], moment=d.moment[:0]), np.empty(0, np.int64)
    of = np.repeat(np.arange(len(d)), count)
    loan = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    keep = (loan != d.loan[of]) & (d.loans["disbursed_on"][loan] <= d.as_of[d.moment[of]])
    keep &= d.loans["posted_at"][loan] <= d.cutoff[d.moment[of]]
    loan, of = loan[keep].astype(np.int32), of[keep]
    return replace(d, loan=loan, moment=d.moment[of]), of
