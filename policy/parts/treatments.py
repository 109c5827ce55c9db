"""What may be done: actions, the matrix of tier, ability and willingness, reviews, bands of exposure, the holdout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from policy.reading import Section
from policy.vocabulary import FACTS

Text = Mapping[str, str]
Bools = NDArray[np.bool_]
KINDS = ("contact", "desk", "hardship", "legal")
HIGH_LOW = ("high", "low")
WORSE = ("lower", "higher")
TIERS = ("T1", "T2", "T3", "T4", "T5", "D")


@dataclass(frozen=True)
class Action:
    """Something that may be suggested. `kind` contact: each goes through the contact guard.

    `approval`: a human decides always; `only_d`: for loans in state D alone; `observes`: starts the observation of a
    restructured loan.
    """

    code: str
    kind: str
    approval: bool
    only_d: bool
    observes: bool
    text: Text


@dataclass(frozen=True)
class Cell:
    """What is suggested for a tier at an ability and a willingness."""

    tier: int
    ability: str
    willingness: str
    actions: tuple[str, ...]
    text: Text


@dataclass(frozen=True)
class Part:
    """A part of the ability index: 1 from `high` on, 0.5 from `low` on; where `worse` is higher, up to them."""

    fact: str
    high: float
    low: float
    worse: str


@dataclass(frozen=True)
class Weighted:
    """A part of the willingness index: a share that counts against the borrower, or for him where `good`."""

    fact: str
    weight: float
    good: bool


@dataclass(frozen=True)
class Review:
    """How often a tier is looked at: days between checks by machine and between reviews by people; who approves."""

    tier: int
    monitor_days: int
    review_days: int
    approval: int
    text: Text


@dataclass(frozen=True)
class Product:
    """Share of an undrawn limit that is drawn before default, and share of the exposure lost in one."""

    ccf: float
    lgd: float


@dataclass(frozen=True)
class Treatments:
    """The whole of treatment; `cells` by tier, then ability, then willingness, as in the matrix."""

    actions: Mapping[str, Action]
    cells: tuple[Cell, ...]
    ability: tuple[Part, ...]
    ability_known: int
    willingness: tuple[Weighted, ...]
    willingness_known: int
    high_from: float
    reviews: tuple[Review, ...]
    approvals: tuple[Text, ...]
    ead_from: float
    el_from: float
    products: Mapping[str, Product]
    other: Product
    holdout: float
    holdout_salt: str
    holdout_tiers: tuple[int, ...]
    ask_for_data: str

    @cached_property
    def waits(self) -> Bools:
        """Whether an action of each cell waits for a person, (n_cells + 1,); the last place stands for no cell."""
        return np.array([any(self.actions[name].approval for name in cell.actions) for cell in self.cells] + [False])

    @cached_property
    def offers_hardship(self) -> Bools:
        """Whether each cell offers what hardship calls for, (n_cells + 1,); the last place stands for no cell."""
        asked = [any(self.actions[name].kind == KINDS[2] for name in cell.actions) for cell in self.cells]
        return np.array([*asked, False])

    @cached_property
    def approval_of(self) -> NDArray[np.int8]:
        """Who approves at each tier, position in `approvals`, (n_tiers + 1,); the last place stands for no tier."""
        return np.array([*(review.approval for review in self.reviews), 0], np.int8)

    @cached_property
    def may_hold_out(self) -> Bools:
        """Whether loans of each tier may be held out, (n_tiers + 1,); the last place stands for no tier."""
        return np.array([place in self.holdout_tiers for place in range(len(self.reviews))] + [False])

    @cached_property
    def parts_of_ability(self) -> NDArray[np.float64]:
        """High and low cut of each part of the index and 1 where lower is worse, else 0; (n_parts, 3)."""
        return np.array([(part.high, part.low, part.worse == "lower") for part in self.ability], float).reshape(-1, 3)

    @cached_property
    def parts_of_willingness(self) -> NDArray[np.float64]:
        """Weight of each part of the index and 1 where it speaks for the borrower, else 0; (n_parts, 2)."""
        return np.array([(part.weight, part.good) for part in self.willingness], float).reshape(-1, 2)


def read_treatments(top: Section) -> Treatments:
    """The treatments of a file of kind `treatments`."""
    actions = {action.code: action for action in (_action(one) for one in top.list("action"))}
    ability, willingness = top.section("ability"), top.section("willingness")
    approvals = tuple(one.words("text") for one in top.list("approval"))
    bands, holdout, unknown = top.section("bands"), top.section("holdout"), top.section("unknown")
    other = top.section("other_products")
    found = Treatments(
        actions=MappingProxyType(actions),
        cells=_cells(top, actions),
        ability=tuple(_part(one) for one in ability.list("part")),
        ability_known=ability.whole("at_least_known"),
        willingness=tuple(_weighted(one) for one in willingness.list("part")),
        willingness_known=willingness.whole("at_least_known"),
        high_from=top.section("index").share("high_from"),
        reviews=_reviews(top, len(approvals)),
        approvals=approvals,
        ead_from=bands.number("ead_from"),
        el_from=bands.number("el_from"),
        products=MappingProxyType(dict(_product(one) for one in (top.list("product") if "product" in top else ()))),
        other=Product(other.share("ccf"), other.share("lgd")),
        holdout=holdout.share("share"),
        holdout_salt=holdout.text("salt"),
        holdout_tiers=tuple(holdout.one_of("tiers", tier, TIERS) for tier in holdout.texts("tiers")),
        ask_for_data=unknown.text("action"),
    )
    unknown.one_of("action", found.ask_for_data, tuple(actions))
    for section in (bands, holdout, other, unknown, ability, willingness):
        section.no_more()
    return found


def _action(section: Section) -> Action:
    action = Action(
        section.text("code"),
        KINDS[section.choice("kind", KINDS)],
        section.truth("approval"),
        section.truth("only_d"),
        section.truth("observes"),
        section.words("text"),
    )
    section.no_more()
    return action


def _cells(top: Section, actions: Mapping[str, Action]) -> tuple[Cell, ...]:
    found: dict[tuple[int, str, str], Cell] = {}
    for one in top.list("cell"):
        tier = one.choice("tier", TIERS)
        ability, willingness = (HIGH_LOW[one.choice(key, HIGH_LOW)] for key in ("ability", "willingness"))
        chosen = one.texts("actions")
        for name in chosen:
            position = one.one_of("actions", name, tuple(actions))
            if actions and list(actions.values())[position].only_d and tier != len(TIERS) - 1:
                one.fault("actions", f"{name} is for state D alone, not for {TIERS[tier]}")
        if (tier, ability, willingness) in found:
            one.fault("tier", f"{TIERS[tier]}, ability {ability}, willingness {willingness} is there already")
        found[tier, ability, willingness] = Cell(tier, ability, willingness, chosen, one.words("text"))
        one.no_more()
    wanted = [(tier, a, w) for tier in range(len(TIERS)) for a in HIGH_LOW for w in HIGH_LOW]
    for tier, ability, willingness in wanted:
        if (tier, ability, willingness) not in found:
            top.fault(None, f"[[cell]] for {TIERS[tier]}, ability {ability}, willingness {willingness} is missing")
    return tuple(found[key] for key in wanted if key in found)


def _part(section: Section) -> Part:
    part = Part(_fact(section), section.number("high"), section.number("low"), WORSE[section.choice("worse", WORSE)])
    if (part.high < part.low) if part.worse == "lower" else (part.high > part.low):
        section.fault("low", f"{part.low} must lie on the worse side of high, {part.high}")
    section.no_more()
    return part


def _weighted(section: Section) -> Weighted:
    part = Weighted(_fact(section), section.share("weight"), section.truth("good"))
    section.no_more()
    return part


def _fact(section: Section) -> str:
    name = section.text("fact")
    section.one_of("fact", name, tuple(FACTS))
    return name


def _reviews(top: Section, approvals: int) -> tuple[Review, ...]:
    found = {}
    for one in top.list("review"):
        tier = one.choice("tier", TIERS)
        review = Review(
            tier, one.whole("monitor_days"), one.whole("review_days"), one.whole("approval"), one.words("text")
        )
        if review.approval >= approvals:
            one.fault("approval", f"is {review.approval}, must be below {approvals}, the number of [[approval]]")
        found[tier] = review
        one.no_more()
    for tier, name in enumerate(TIERS):
        if tier not in found:
            top.fault(None, f"[[review]] for {name} is missing")
    return tuple(found[tier] for tier in sorted(found))


def _product(section: Section) -> tuple[str, Product]:
    product = section.text("name"), Product(section.share("ccf"), section.share("lgd"))
    section.no_more()
    return product
