"""What the entries of all chains add up to, to be compared with what stands beside the chains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from serving.journal.kinds import Kind
from serving.journal.rows import Standing
from serving.journal.transaction import standing_after


@dataclass
class Tally:
    """Gathered while walking: `ends` of the chains, and erasures that payloads without content (`blank`) point to.

    `lives` are (step, place, standing) of the last entry of each alert, task and delivery. `known_ends` are the ends
    of other chains as openings and anchors saw them: (chain, seq) to (hash, who saw it). `means` are the entries that
    name files of the archive.
    """

    entries: int = 0
    payloads: int = 0
    erased: int = 0
    clock_back: int = 0
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    blank: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    lives: dict[tuple[str, str], tuple[int, int, Standing]] = field(default_factory=dict)
    erasures: dict[str, tuple[str, int]] = field(default_factory=dict)
    segments: list[tuple[str, int, str, str]] = field(default_factory=list)
    known_ends: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    means: list[tuple[str, int, Mapping[str, Any]]] = field(default_factory=list)
    _moments: dict[str, int] = field(default_factory=dict)

    def add(self, row: Any, kind: Kind, columns: Mapping[str, Any]) -> None:
        """Take one entry in."""
        made = standing_after(kind.name, columns)
        if made:
            whose, id_, standing = made
            if standing.step >= self.lives.get((whose, id_), (-1, 0, standing))[0]:
                self.lives[whose, id_] = (standing.step, row.place, standing)
        if row.at < self._moments.get(row.chain, row.at):
            self.clock_back += 1
        self._moments[row.chain] = row.at
        match kind.name:
            case "erasure":
                self.erasures[columns["erasure_id"]] = (columns["digest"], columns["payloads"])
            case "segment":
                self.segments.append((row.chain, row.seq, columns["name"], columns["manifest_hash"]))
            case "means":
                self.means.append((row.chain, row.seq, dict(columns)))
            case "opening":
                self._opened(row, columns["heads"])

    def _opened(self, row: Any, heads: str) -> None:
        for chain, (seq, hashed) in msgspec.json.decode(heads).items():
            self.known_ends[chain, seq] = (hashed, f"{row.chain} entry {row.seq}")
