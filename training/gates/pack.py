"""The gates as dated data: read from TOML, refused with the line that is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from book.errors import Refusal
from policy.reading import Section, parse

HERE = Path(__file__).parent
Text = Mapping[str, str]


class GatesRefused(Refusal):
    """The gates may not be used; the message names the file, the lines and what is wrong there."""


@dataclass(frozen=True)
class Gate:
    """A band that a measure must meet; an edge that is None is open.

    `high_of_rate`: the upper edge is at most this share of the event rate. Below `min_events` the gate decides nothing.
    """

    id: str
    measure: str
    low: float | None
    high: float | None
    high_of_rate: float | None
    min_events: int
    name: Text
    why: Text

    def band(self, rate: float) -> tuple[float | None, float | None]:
        """The edges where the event rate is `rate`."""
        if self.high is None or self.high_of_rate is None:
            return self.low, self.high
        return self.low, min(self.high, self.high_of_rate * rate)


@dataclass(frozen=True)
class GatePack:
    """The gates of a date, with where they come from and the hash of the file."""

    id: str
    version: str
    valid_from: date
    owner: str
    source: str
    gates: tuple[Gate, ...]
    hash: str


def named_gates(name: str) -> GatePack:
    """Those of a name, or of a path that ends in .toml."""
    return load_gates(Path(name) if name.endswith(".toml") else name)


def load_gates(pack: str | Path = "standard", measures: Sequence[str] | None = None) -> GatePack:
    """The gates in a file, or those that come with the product by name; `measures` are the names allowed.

    Raises GatesRefused with every fault and its line.
    """
    path = pack if isinstance(pack, Path) else HERE / f"{pack}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in HERE.glob("*.toml")))
        raise GatesRefused(f"gates {path}: no such file; gates here: {known}")
    content = path.read_bytes()
    section = parse(content.decode("utf-8"))
    read = None if section.faults else _read(section, measures or _all(), hashlib.sha256(content).hexdigest())
    if section.faults or read is None:
        raise GatesRefused("\n".join(f"gates {path}, {fault}" for fault in sorted(section.faults)))
    return read


def _all() -> Sequence[str]:
    from training.gates.measures import MEASURES  # the measures know of gates' neighbours, gates only their names

    return tuple(MEASURES)


def _read(top: Section, measures: Sequence[str], digest: str) -> GatePack:
    least = top.whole("min_events")
    sections = top.list("gate")
    gates = tuple(_gate(one, measures, least) for one in sections)
    for position, gate in enumerate(gates):
        if gate.id in {other.id for other in gates[:position]}:
            sections[position].fault("id", f"{gate.id!r} is used by an earlier gate")
    read = GatePack(
        top.text("id"),
        top.text("version"),
        top.date("valid_from"),
        top.text("owner"),
        top.text("source"),
        gates,
        digest,
    )
    top.no_more()
    return read


def _gate(section: Section, measures: Sequence[str], least: int) -> Gate:
    edges = {key: section.number(key) if key in section else None for key in ("low", "high", "high_of_rate")}
    if edges["low"] is None and edges["high"] is None:
        section.fault(None, "a gate needs low, high or both")
    if edges["low"] is not None and edges["high"] is not None and edges["low"] >= edges["high"]:
        section.fault("high", f"{edges['high']} must lie above low, {edges['low']}")
    gate = Gate(
        id=section.text("id"),
        measure=measures[section.choice("measure", measures)],
        low=edges["low"],
        high=edges["high"],
        high_of_rate=edges["high_of_rate"],
        min_events=section.whole("min_events") if "min_events" in section else least,
        name=section.words("name"),
        why=section.words("why"),
    )
    section.no_more()
    return gate
