"""What a debtor's loans together say: shares that are non-performing or overdue, and whether any is impaired."""

from __future__ import annotations

from typing import Any, Final

import numba as nb
import numpy as np
from numpy.typing import NDArray

from features.windows import different
from policy.asking import Sheet
from policy.facts import Facts
from policy.parts.classes import NPL

_READS: Final = ("principal_outstanding", "overdue_days", "credit_impaired", "ext_bank_debt", "ext_bank_over90")
_SAYS: Final = ("debtor_npl_here", "debtor_npl_share", "debtor_over90_share", "debtor_impaired")
OVERDUE: Final = 90


class Debtors:
    """Observations grouped by debtor and day."""

    def __init__(self, facts: Facts, sheet: Sheet) -> None:
        key = facts.debtor * (1 << 24) + facts.as_of
        found, self._group = different(key)
        self._n = len(found)
        self._whole = np.ascontiguousarray(facts.whole_debtor, bool)
        self._slots = np.array([sheet.slots[name] for name in (*_READS, *_SAYS)])
        self._sheet = sheet

    def say(self, five_class: NDArray[np.int8]) -> None:
        """Write what the debtors' loans say to the sheet. What could be worse by loans not here is not known."""
        _say(self._group, self._n, self._whole, self._sheet.facts, self._slots, five_class)


@nb.njit("void(int64[::1], int64, boolean[::1], float64[:, ::1], int64[::1], int8[::1])",
         cache=True, nogil=True, error_model="numpy")  # fmt: skip
def _say(group: Any, n_groups: int, whole: Any, facts: Any, slots: Any, five_class: Any) -> None:
    sums = np.zeros((n_groups, 7))
    balance, overdue, impaired = facts[slots[0]], facts[slots[1]], facts[slots[2]]
    for i in range(len(group)):
        one = sums[group[i]]
        known = balance[i] == balance[i]
        owed = balance[i] if known else 0.0
        one[0] += owed
        one[1] += owed * (five_class[i] >= NPL)
        one[2] += owed * (overdue[i] > OVERDUE)
        one[3] += not known
        one[4] += five_class[i] >= NPL
        one[5] += impaired[i] == 1
        one[6] += impaired[i] != impaired[i]
    for i in range(len(group)):
        here, bad, late, gaps, npl, hit, unsure = sums[group[i]]
        told, debt = whole[i] and gaps == 0, here + facts[slots[3], i]
        share = bad / here if here > 0 else 0.0
        over = (late + facts[slots[4], i]) / debt if debt > 0 else np.nan
        facts[slots[5], i] = 1.0 if npl > 0 else (0.0 if whole[i] else np.nan)
        facts[slots[6], i] = share if told else np.nan
        facts[slots[7], i] = over if told else np.nan
        facts[slots[8], i] = 1.0 if hit > 0 else (0.0 if whole[i] and unsure == 0 else np.nan)
