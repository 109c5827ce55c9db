"""A policy pack: dated TOML files of grades, classes, stages, rules, treatments and the guard, under one hash.

A file says its kind, id, version, the day it is valid from, where it comes from and who owns it. Of several files with
one id the latest that is valid on the day holds. Every fault of every file is told at once, with its line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from book.errors import Refusal
from policy.asking import Asking
from policy.parts.classes import ClassRules, read_classes
from policy.parts.guarding import GuardRules, read_guard
from policy.parts.rules import Rules, read_rules
from policy.parts.scale import Floor, Grade, Scale, Tier, read_scale
from policy.parts.stages import StageTrigger, read_stages
from policy.parts.treatments import Treatments, read_treatments
from policy.reading import Section, parse

PACKS = Path(__file__).parent / "packs"
KINDS = ("grades", "classes", "stages", "rules", "treatments", "guard")
STANDARD = "standard"
__all__ = ["KINDS", "PACKS", "Floor", "Grade", "Pack", "PackPart", "PackRefused", "Tier", "load_pack"]


class PackRefused(Refusal):
    """The pack may not be used; the message names the file, the lines and what is wrong there."""


@dataclass(frozen=True)
class PackPart:
    """A file of the pack: what it is, from when it holds, who answers for it, and the SHA-256 of its bytes.

    `text` is all of it.
    """

    kind: str
    id: str
    version: str
    valid_from: date
    owner: str
    source: str
    hash: str
    text: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True)
class Pack:
    """All of policy on a day. `hash` covers every file; `version` and `owner` name each where they differ."""

    id: str
    version: str
    valid_from: date
    owner: str
    source: str
    hash: str
    parts: tuple[PackPart, ...]
    scale: Scale
    classes: ClassRules
    stages: tuple[StageTrigger, ...]
    rules: Rules
    treatments: Treatments
    guard: GuardRules

    @property
    def grades(self) -> tuple[Grade, ...]:
        """Steps of the master scale, best first."""
        return self.scale.grades

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """Tiers of performing loans, best first."""
        return self.scale.tiers

    @property
    def state_d(self) -> Tier:
        """The state of loans in default."""
        return self.scale.state_d

    @property
    def floors(self) -> tuple[Floor, ...]:
        """The floors under tiers."""
        return self.scale.floors

    @property
    def clean_months(self) -> int:
        """Clean months in a row before a tier improves."""
        return self.scale.clean_months

    @property
    def d(self) -> int:
        """The code of state D: the position after the last tier."""
        return len(self.tiers)

    @cached_property
    def asking(self) -> Asking:
        """The conditions of classes, stages and rules, ready to be asked of many loans."""
        return Asking(self.classes, self.stages, self.rules, self.treatments)

    def tier_of(self, code: int) -> Tier:
        """The tier of a code, state D included; IndexError for loans without a tier (-1)."""
        if code < 0:
            raise IndexError("the loan has no tier")
        return self.state_d if code == self.d else self.tiers[code]


@dataclass
class _File:
    """A file being read, with what it says of itself."""

    path: Path
    top: Section
    part: PackPart
    faults: list[str] = field(default_factory=list)


def load_pack(source: str | Path = STANDARD, on: int | None = None) -> Pack:
    """The pack that comes with the product, with the files of `source` in place of those of their kind.

    `source`: "standard"; the name of one of its files; a TOML file; a folder of them. `on` is the day (since
    1970-01-01) it is to hold on; None: the newest files. Before the first file of an id that first one holds.
    Raises PackRefused with every fault and its line.
    """
    own = _own_files(source)
    shipped = [_file(path, path.read_bytes()) for path in sorted(PACKS.glob("*.toml"))]
    given = [_file(path, path.read_bytes()) for path in own]
    replaced = {file.part.kind for file in given}
    files = [file for file in shipped if file.part.kind not in replaced] + given
    chosen = _in_force([file for file in files if file.part.kind], on)
    pack = _compose(chosen, STANDARD if own == [] else "+".join(sorted({file.part.id for file in given})))
    return _whole(pack, files)


def pack_of(id: str, texts: Mapping[Path, bytes]) -> Pack:
    """The pack of just these files, all in force; `texts` by the place that faults are told of. Raises PackRefused."""
    files = [_file(path, content) for path, content in texts.items()]
    known = [file for file in files if file.part.kind]
    return _whole(_compose(sorted(known, key=_order), id), files)


def _whole(pack: Pack | None, files: Sequence[_File]) -> Pack:
    """The pack. Raises PackRefused with every fault of its files."""
    faults = [
        f"policy pack {file.path}, {fault}"
        for file in files
        for fault in dict.fromkeys(str(fault) for fault in sorted(file.top.faults))
    ]
    if faults or pack is None:
        raise PackRefused("\n".join(faults))
    return pack


def _own_files(source: str | Path) -> list[Path]:
    if isinstance(source, str) and (source == STANDARD or (PACKS / f"{source}.toml").is_file()):
        return []
    path = Path(source) if isinstance(source, Path) else PACKS / f"{source}.toml"
    found = sorted(path.glob("*.toml")) if path.is_dir() else [path] if path.is_file() else []
    if not found:
        known = ", ".join([STANDARD, *sorted(file.stem for file in PACKS.glob("*.toml"))])
        raise PackRefused(f"policy pack {path}: no such file; packs here: {known}")
    return found


def _file(path: Path, content: bytes) -> _File:
    try:
        text = content.decode("utf-8")
        top = parse(text)
    except UnicodeDecodeError as error:
        raise PackRefused(f"policy pack {path}: not UTF-8 at byte {error.start}") from error
    if top.faults:
        return _File(path, top, PackPart("", "", "", date.min, "", "", ""))
    part = PackPart(
        kind=KINDS[top.choice("kind", KINDS)],
        id=top.text("id"),
        version=top.text("version"),
        valid_from=top.date("valid_from"),
        owner=top.text("owner"),
        source=top.text("source"),
        hash=hashlib.sha256(content).hexdigest(),
        text=text,
    )
    return _File(path, top, part)


def _in_force(files: Sequence[_File], on: int | None) -> list[_File]:
    """Of every id the file that holds on the day, in order of kind and id."""
    day = None if on is None else np.datetime64(on, "D").astype(date)
    best: dict[tuple[str, str], _File] = {}
    for file in sorted(files, key=lambda file: file.part.valid_from):
        key = file.part.kind, file.part.id
        if key in best and best[key].part.valid_from == file.part.valid_from:
            file.top.fault("valid_from", f"{file.part.id} is given twice from {file.part.valid_from}")
        if key not in best or day is None or file.part.valid_from <= day:
            best[key] = file
    return sorted(best.values(), key=_order)


def _order(file: _File) -> tuple[int, str]:
    return KINDS.index(file.part.kind), file.part.id


def _compose(files: Sequence[_File], id: str) -> Pack | None:
    by_kind: Mapping[str, list[_File]] = {kind: [f for f in files if f.part.kind == kind] for kind in KINDS}
    for kind, of_kind in by_kind.items():
        if not of_kind:
            return None
        if kind != "rules" and len(of_kind) > 1:
            of_kind[1].top.fault("id", f"{of_kind[0].part.id} is of kind {kind} too; there is one of that kind")
    tops = {kind: of_kind[0].top for kind, of_kind in by_kind.items()}
    treatments = read_treatments(tops["treatments"])
    rules = [file.top for file in by_kind["rules"]]
    parts = tuple(file.part for file in files)
    pack = Pack(
        id=id,
        version=_said([(part.id, part.version) for part in parts]),
        valid_from=max(part.valid_from for part in parts),
        owner=_said([(part.id, part.owner) for part in parts]),
        source=_said([(part.id, part.source) for part in parts]),
        hash=hashlib.sha256("\n".join(sorted(part.hash for part in parts)).encode()).hexdigest(),
        parts=parts,
        scale=read_scale(tops["grades"]),
        classes=read_classes(tops["classes"]),
        stages=read_stages(tops["stages"]),
        rules=read_rules(rules, tuple(treatments.actions)),
        treatments=treatments,
        guard=read_guard(tops["guard"]),
    )
    for file in files:
        file.top.no_more()
    return None if any(file.top.faults for file in files) else pack


def _said(of_parts: Sequence[tuple[str, str]]) -> str:
    """What all parts say, once where they agree."""
    said = {text for _, text in of_parts}
    return said.pop() if len(said) == 1 else "; ".join(f"{id} {text}" for id, text in of_parts)
