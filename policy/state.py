"""What policy remembers of each loan between two decisions: an argument and a result, never kept inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.pack import Pack
from policy.parts.classes import CLASSES
from policy.tiers import NO_MONTH, NO_TIER, State

MONTHS = 4
NO_DAY = int(np.iinfo(np.int32).min)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class States:
    """States of n loans: input of the next decision, stored with the score.

    `tiers` is what upgrades wait for. `bundle` (n,) names the model of `pds` (n, 4): PDs of month `pd_month` (n,) and
    of the three before, NaN where not scored. `five_class` (n,) position in CLASSES, -1 none.
    `told` (n, r) is the weight of the last alert of each of `rules` (0 none), `told_on` its day.
    """

    tiers: State
    bundle: NDArray[Any]
    pd_month: NDArray[np.int32]
    pds: NDArray[np.float64]
    five_class: NDArray[np.int8]
    rules: tuple[str, ...]
    told: NDArray[np.int8]
    told_on: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.five_class)

    @classmethod
    def none(cls, n: int, pack: Pack) -> States:
        """The states of `n` loans that were never decided on."""
        rules = pack.asking.rule_ids
        return cls(
            State.none(n),
            np.full(n, "", object),
            np.full(n, NO_MONTH, np.int32),
            np.full((n, MONTHS), np.nan),
            np.full(n, -1, np.int8),
            rules,
            np.zeros((n, len(rules)), np.int8),
            np.full((n, len(rules)), NO_DAY, np.int32),
        )

    def take(self, index: NDArray[Any]) -> States:
        """The states at `index`, in that order."""
        t = self.tiers
        tiers = State(t.tier[index], t.clean[index], t.offered[index], t.month[index])
        return States(
            tiers, self.bundle[index], self.pd_month[index], self.pds[index], self.five_class[index], self.rules,
            self.told[index], self.told_on[index],
        )  # fmt: skip

    def of_rules(self, rules: tuple[str, ...]) -> States:
        """The same states with the columns of `rules`: what a pack no longer has goes, what is new was not told."""
        if rules == self.rules:
            return self
        told = np.zeros((len(self), len(rules)), np.int8)
        told_on = np.full((len(self), len(rules)), NO_DAY, np.int32)
        for place, rule in enumerate(rules):
            if rule in self.rules:
                was = self.rules.index(rule)
                told[:, place], told_on[:, place] = self.told[:, was], self.told_on[:, was]
        return States(self.tiers, self.bundle, self.pd_month, self.pds, self.five_class, rules, told, told_on)

    def to_plain(self) -> list[dict[str, Any]]:
        """One JSON-able dict per loan; what was never set is left out."""
        t = self.tiers
        told: list[dict[str, list[Any]]] = [{} for _ in range(len(self))]
        for i, j in zip(*np.nonzero(self.told), strict=True):
            told[i][self.rules[j]] = [int(self.told[i, j]), _text(int(self.told_on[i, j]))]
        plain: list[dict[str, Any]] = []
        for i in range(len(self)):
            one: dict[str, Any] = {}
            if t.tier[i] != NO_TIER:
                one["tier"] = int(t.tier[i])
            if t.clean[i]:
                one |= {"clean": int(t.clean[i]), "offered": int(t.offered[i])}
            if t.month[i] != NO_MONTH:
                one["month"] = int(t.month[i])
            if self.bundle[i]:
                one |= {"bundle": str(self.bundle[i]), "pd_month": int(self.pd_month[i])}
                one["pds"] = [None if np.isnan(pd) else float(pd) for pd in self.pds[i]]
            if self.five_class[i] >= 0:
                one["class"] = CLASSES[self.five_class[i]]
            if told[i]:
                one["alerts"] = told[i]
            plain.append(one)
        return plain

    @classmethod
    def from_plain(cls, plain: Sequence[Mapping[str, Any] | None], pack: Pack) -> States:
        """The states of dicts as `to_plain` gives them; None or {} for loans never decided on."""
        states = cls.none(len(plain), pack)
        t = states.tiers
        for i, one in enumerate(plain):
            if not one:
                continue
            t.tier[i], t.clean[i] = one.get("tier", NO_TIER), one.get("clean", 0)
            t.offered[i], t.month[i] = one.get("offered", NO_TIER), one.get("month", NO_MONTH)
            states.bundle[i], states.pd_month[i] = one.get("bundle", ""), one.get("pd_month", NO_MONTH)
            states.pds[i] = [np.nan if pd is None else pd for pd in one.get("pds", [None] * MONTHS)]
            states.five_class[i] = CLASSES.index(one["class"]) if "class" in one else -1
            for rule, (weight, day) in one.get("alerts", {}).items():
                if rule in states.rules:
                    place = states.rules.index(rule)
                    states.told[i, place], states.told_on[i, place] = weight, _day(day)
        return states


def remembered(
    before: States, month: NDArray[np.int32], bundle_id: str, pd: NDArray[np.float64]
) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.float64]]:
    """`bundle`, `pd_month` and `pds` after a decision in `month` (n,); PDs of another model are forgotten.

    A second decision in a month replaces the first; months left out, and those without a score, are NaN.
    """
    if not bundle_id:
        return before.bundle, before.pd_month, before.pds
    same = before.bundle == bundle_id
    shift = np.where(same, month - np.where(same, before.pd_month, 0), MONTHS)
    back = np.arange(MONTHS)[None, :] - shift[:, None]
    kept = np.take_along_axis(before.pds, np.clip(back, 0, MONTHS - 1), axis=1)
    pds = np.where((back >= 0) & (shift >= 0)[:, None], kept, np.nan)
    pds[:, 0] = pd
    some = ~np.isnan(pds).all(axis=1)
    bundle = np.where(some, bundle_id, "").astype(object)
    return bundle, np.where(some, month, NO_MONTH).astype(np.int32), pds


def three_months_ago(before: States, month: NDArray[np.int32], bundle_id: str) -> NDArray[np.float64]:
    """The PD of the same model three months before `month` (n,); NaN where it is not remembered."""
    same = (before.bundle == bundle_id) & (before.pd_month != NO_MONTH)
    place = 3 - (month - np.where(same, before.pd_month, month))
    there = same & (place >= 0) & (place < MONTHS)
    return np.where(there, before.pds[np.arange(len(before)), np.clip(place, 0, MONTHS - 1)], np.nan)


def _text(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def _day(text: str) -> int:
    return (date.fromisoformat(text) - _EPOCH).days
