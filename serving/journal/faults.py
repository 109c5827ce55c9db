"""What a check of the journal finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """One thing that is not as it was written: the chain and the number in it where that is known, and what it is."""

    chain: str
    seq: int
    what: str

    def __str__(self) -> str:
        where = f"{self.chain} entry {self.seq}" if self.seq else self.chain
        return f"{where}: {self.what}"


@dataclass(frozen=True)
class Verdict:
    """The result of a check: how much was looked at, everything that is broken, and what is worth knowing."""

    chains: int
    entries: int
    payloads: int
    erased: int
    faults: tuple[Broken, ...]
    notes: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Nothing was edited, is missing or stands elsewhere than it was written."""
        return not self.faults
