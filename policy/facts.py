"""What policy goes by: the columns of the catalogue and what else the dossier says, as numbers per loan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from book.dossiers import Dossiers
from features.catalogue import CATALOGUE, Catalogue
from features.history import History
from features.siblings import siblings
from features.windows import different
from policy.facts_arrears import arrears_facts
from policy.facts_borrower import borrower_facts
from policy.facts_care import care_facts
from policy.facts_changes import change_facts
from policy.facts_loan import loan_facts
from policy.rows import unknown
from policy.vocabulary import FACTS

Floats = NDArray[np.float64]
Words = NDArray[Any]
FEW = 32
WORDS = ("product", "region", "industry", "employer", "vintage")


class Columns(Mapping[str, Floats]):
    """Facts by name: `others`, and beside them the columns `names` of `x` (n, k), each made when it is asked for."""

    def __init__(self, x: NDArray[np.float32], names: Sequence[str], others: Mapping[str, Floats]) -> None:
        self._x = x
        self._at = _places(tuple(names))
        self._others = others

    def __getitem__(self, name: str) -> Floats:
        found = self._others.get(name)
        return self._x[:, self._at[name]].astype(np.float64) if found is None else found

    def fill(self, slots: Mapping[str, int], sheet: Floats) -> None:
        """Write the facts to their rows of a sheet (k, n); the others stay as they are."""
        place, rows = _among(tuple(self._at), tuple(slots))
        sheet[rows] = self._x.T[place]
        for name, found in self._others.items():
            slot = slots.get(name)
            if slot is not None:
                sheet[slot] = found

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._at, *self._others]))

    def __len__(self) -> int:
        return len(self._at.keys() | self._others.keys())


@lru_cache(maxsize=8)
def _places(names: tuple[str, ...]) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(names)}


@lru_cache(maxsize=8)
def _among(names: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places in `names` of those that are wanted, and their places in `wanted`."""
    found = [(names.index(name), row) for row, name in enumerate(wanted) if name in names]
    return np.array([place for place, _ in found], int), np.array([row for _, row in found], int)


@dataclass(frozen=True)
class Facts:
    """Facts of n observations: `values` by name, float64 (n,), NaN = not known; a name not there is known of none.

    `loan_id`, `borrower_id` (n,) text; `as_of` (n,) days since 1970-01-01; `status` (n,) codes of features.standing;
    `words` (n,) text or None: product, region, industry, employer, vintage (year and month of the payout).
    `whole_debtor` (n,) says whether every loan of the debtor is among these observations.
    """

    loan_id: Words
    borrower_id: Words
    as_of: NDArray[np.int32]
    status: NDArray[np.int8]
    values: Mapping[str, Floats]
    whole_debtor: NDArray[np.bool_]
    words: Mapping[str, Words] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.loan_id)

    @cached_property
    def debtor(self) -> NDArray[np.int64]:
        """A number per borrower, in order of first mention, (n,)."""
        numbers: dict[Any, int] = {}
        return np.array([numbers.setdefault(who, len(numbers)) for who in self.borrower_id.tolist()], np.int64)

    def __getitem__(self, name: str) -> Floats:
        found = self.values.get(name)
        if found is None and name not in FACTS:
            raise KeyError(f"no fact is called {name!r}")
        return np.full(len(self), np.nan) if found is None else found


def build(
    h: History,
    x: NDArray[np.float32],
    names: Sequence[str],
    *,
    status: NDArray[np.int8],
    pd: Floats,
    catalogue: Catalogue = CATALOGUE,
) -> Facts:
    """The facts of the observations of `h`.

    `x` (n, k) are the columns `names` as the model saw them; columns of the catalogue that are not among them are
    computed here. `status` (n,) as of features.standing, `pd` (n,) NaN where the loan is not scored.
    """
    rest = catalogue.rest if names is catalogue.names else catalogue.without(names)
    values = dict(zip(rest.all_names, rest.by_column(h).astype(np.float64), strict=True))
    values |= loan_facts(h) | arrears_facts(h) | change_facts(h)
    values["dpd_now"] = h.dpd_now.astype(np.float64)
    values |= care_facts(h, (h.as_of - values["overdue_days"]).astype(np.int64))
    columns = Columns(x, names, values)
    values |= borrower_facts(h, columns["residual_income"] if "residual_income" in columns else unknown(h))
    values["pd"] = np.asarray(pd, np.float64)
    return Facts(
        loan_id=h.loan_ids,
        borrower_id=h.borrower_ids,
        as_of=h.as_of.astype(np.int32),
        status=status,
        values=columns,
        whole_debtor=_whole(h),
        words=MappingProxyType(_words(h)),
    )


def whole_debtors(dossiers: Dossiers) -> tuple[Dossiers, NDArray[np.int64]]:
    """The same dossiers with an observation for every other loan of the borrowers, and where the asked ones stand.

    What one loan of a debtor is classed as may decide about the others: decide on all of them, keep the asked ones.
    """
    others, _ = siblings(dossiers)
    loan = np.concatenate([dossiers.loan, others.loan])
    moment = np.concatenate([dossiers.moment, others.moment])
    pairs = np.stack([moment.astype(np.int64), loan.astype(np.int64)], axis=1)
    unique, first = np.unique(pairs, axis=0, return_index=True)
    del unique
    kept = np.sort(first)
    asked = np.flatnonzero(kept < len(dossiers))
    return replace(dossiers, loan=loan[kept], moment=moment[kept]), asked


def _whole(h: History) -> NDArray[np.bool_]:
    """Whether every loan of the debtor that is known is among the observations of that moment, (n,)."""
    d = h.dossiers
    _, of = siblings(d)
    known = np.bincount(of, minlength=h.n) + 1
    key = d.loans["borrower_id"][d.loan].astype(np.int64) * len(d.as_of) + d.moment
    _, group = different(key)
    return np.asarray((np.bincount(group)[group] >= known) & h.book_complete)


def _months(months: NDArray[np.integer]) -> Words:
    """Months since 1970 as year and month, text."""
    if len(months) > FEW:
        return months.astype("datetime64[M]").astype(str).astype(object)
    found = np.empty(len(months), object)
    found[:] = [str(np.datetime64(month, "M")) for month in months.tolist()]
    return found


def _words(h: History) -> dict[str, Words]:
    loans = h.dossiers.loans
    found: dict[str, Words] = {"vintage": _months(month_of(h.of_loan("disbursed_on")))}
    for name in ("product", "region", "industry"):
        if name in loans:
            found[name] = h.of_loan(name)
    if "employer_id" in loans:
        ids = h.of_loan("employer_id")
        found["employer"] = np.where(ids != 0, ids.astype(str).astype(object), np.array(None, object))
    return found
