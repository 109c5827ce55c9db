"""A policy pack: dated grades, tiers and floors, read from TOML and refused with the line that is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from book.errors import Refusal
from policy.reading import Section, parse

PACKS = Path(__file__).parent / "packs"
Text = Mapping[str, str]


class PackRefused(Refusal):
    """The pack may not be used; the message names the file, the lines and what is wrong there."""


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
class Pack:
    """Grades, tiers, floors and the rule of upgrades, with where they come from and the hash of the file."""

    id: str
    version: str
    valid_from: date
    owner: str
    source: str
    grades: tuple[Grade, ...]
    tiers: tuple[Tier, ...]
    state_d: Tier
    floors: tuple[Floor, ...]
    clean_months: int
    hash: str

    @property
    def d(self) -> int:
        """The code of state D: the position after the last tier."""
        return len(self.tiers)

    def tier_of(self, code: int) -> Tier:
        """The tier of a code, state D included; IndexError for loans without a tier (-1)."""
        if code < 0:
            raise IndexError("the loan has no tier")
        return self.state_d if code == self.d else self.tiers[code]


def load_pack(pack: str | Path = "grades") -> Pack:
    """The pack in a file, or one of those that come with the product by name.

    Raises PackRefused with every fault and its line.
    """
    path = pack if isinstance(pack, Path) else PACKS / f"{pack}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in PACKS.glob("*.toml")))
        raise PackRefused(f"policy pack {path}: no such file; packs here: {known}")
    content = path.read_bytes()
    section = parse(content.decode("utf-8"))
    read = _read(section, hashlib.sha256(content).hexdigest())
    if section.faults or read is None:
        raise PackRefused("\n".join(f"policy pack {path}, {fault}" for fault in sorted(section.faults)))
    return read


def _read(top: Section, digest: str) -> Pack | None:
    if top.faults:
        return None
    grades = tuple(Grade(one.text("code"), one.share("upper")) for one in top.list("grade"))
    tiers = tuple(_tier(one, one.share("upper")) for one in top.list("tier"))
    codes = tuple(tier.code for tier in tiers)
    floors = tuple(_floor(one, codes) for one in top.list("floor"))
    _check_edges(top, grades, tiers)
    return Pack(
        id=top.text("id"),
        version=top.text("version"),
        valid_from=top.date("valid_from"),
        owner=top.text("owner"),
        source=top.text("source"),
        grades=grades,
        tiers=tiers,
        state_d=_tier(top.section("state_d"), None),
        floors=floors,
        clean_months=top.section("upgrade").whole("clean_months"),
        hash=digest,
    )


def _tier(section: Section, upper: float | None) -> Tier:
    return Tier(section.text("code"), upper, section.words("name"), section.words("meaning"), section.words("review"))


def _floor(section: Section, codes: tuple[str, ...]) -> Floor:
    tier = section.choice("tier", codes)
    over = section.whole("dpd_over") if "dpd_over" in section else None
    flag = section.text("flag") if "flag" in section else None
    if (over is None) == (flag is None):
        section.fault(None, "a floor needs exactly one of dpd_over and flag")
    return Floor(section.text("id"), tier, over, flag, section.words("text"))


def _check_edges(top: Section, grades: tuple[Grade, ...], tiers: tuple[Tier, ...]) -> None:
    for name, edges in (("grade", [g.upper for g in grades]), ("tier", [t.upper or 0.0 for t in tiers])):
        steps = top.list(name)
        for position, section in enumerate(steps[1:], 1):
            if edges[position] <= edges[position - 1]:
                section.fault("upper", f"{edges[position]} must lie above the edge before it, {edges[position - 1]}")
        if edges and edges[-1] != 1.0:
            steps[-1].fault("upper", f"{edges[-1]} must be 1.0, the last edge takes every PD")
    scale = {grade.upper for grade in grades}
    for section, tier in zip(top.list("tier"), tiers, strict=True):
        if tier.upper not in scale:
            nearest = min(scale, key=lambda edge: abs(edge - (tier.upper or 0.0)), default=None)
            section.fault("upper", f"{tier.upper} is no edge of a grade; nearest {nearest}")
