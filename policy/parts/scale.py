"""The master scale: grades, tiers, floors, and how slowly a tier improves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy.reading import Section

Text = Mapping[str, str]
FLAGS = ("class_special_mention", "restructure_observation")


@dataclass(frozen=True)
class Grade:
    """A step of the master scale: PDs below `upper` that are not below an earlier grade's edge."""

    code: str
    upper: float


@dataclass(frozen=True)
class Tier:
    """Grades that are handled alike, with their words in English and Chinese; state D has no `upper`."""

    code: str
    upper: float | None
    name: Text
    meaning: Text
    review: Text


@dataclass(frozen=True)
class Floor:
    """The best tier a loan may have while over `dpd_over` days past due, or while the fact `flag` holds."""

    id: str
    tier: int
    dpd_over: int | None
    flag: str | None
    text: Text


@dataclass(frozen=True)
class Scale:
    """Grades, tiers, state D, floors, and the clean months that an upgrade takes."""

    grades: tuple[Grade, ...]
    tiers: tuple[Tier, ...]
    state_d: Tier
    floors: tuple[Floor, ...]
    clean_months: int


def read_scale(top: Section) -> Scale:
    """The scale of a file of kind `grades`."""
    grades = tuple(_grade(one) for one in top.list("grade"))
    tiers = tuple(_tier(one, one.share("upper")) for one in top.list("tier"))
    floors = tuple(_floor(one, tuple(tier.code for tier in tiers)) for one in top.list("floor"))
    _check_edges(top, grades, tiers)
    upgrade = top.section("upgrade")
    scale = Scale(grades, tiers, _tier(top.section("state_d"), None), floors, upgrade.whole("clean_months"))
    upgrade.no_more()
    return scale


def _grade(section: Section) -> Grade:
    grade = Grade(section.text("code"), section.share("upper"))
    section.no_more()
    return grade


def _tier(section: Section, upper: float | None) -> Tier:
    tier = Tier(section.text("code"), upper, section.words("name"), section.words("meaning"), section.words("review"))
    section.no_more()
    return tier


def _floor(section: Section, codes: tuple[str, ...]) -> Floor:
    tier = section.choice("tier", codes)
    over = section.whole("dpd_over") if "dpd_over" in section else None
    flag = FLAGS[section.choice("flag", FLAGS)] if "flag" in section else None
    if (over is None) == (flag is None):
        section.fault(None, "a floor needs exactly one of dpd_over and flag")
    floor = Floor(section.text("id"), tier, over, flag, section.words("text"))
    section.no_more()
    return floor


def _check_edges(top: Section, grades: tuple[Grade, ...], tiers: tuple[Tier, ...]) -> None:
    for name, edges in (("grade", [g.upper for g in grades]), ("tier", [t.upper or 0.0 for t in tiers])):
        if not edges:
            continue
        steps = top.list(name)
        for position, section in enumerate(steps[1:], 1):
            if edges[position] <= edges[position - 1]:
                section.fault("upper", f"{edges[position]} must lie above the edge before it, {edges[position - 1]}")
        if edges[-1] != 1.0:
            steps[-1].fault("upper", f"{edges[-1]} must be 1.0, the last edge takes every PD")
    scale = {grade.upper for grade in grades}
    for section, tier in zip(top.list("tier") if tiers else (), tiers, strict=True):
        if tier.upper not in scale:
            nearest = min(scale, key=lambda edge: abs(edge - (tier.upper or 0.0)), default=None)
            section.fault("upper", f"{tier.upper} is no edge of a grade; nearest {nearest}")
