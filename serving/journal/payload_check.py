"""Are the payloads that entries name still there, as they were, or erased by an erasure that says so?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, select

from serving.journal.chain import digest
from serving.journal.faults import Broken
from serving.journal.rows import unpacked
from serving.journal.schema import PAYLOADS
from serving.journal.tally import Tally

_AT_ONCE: Final = 500
Named = tuple[str, str, int]
"""A payload's hash, and the chain and number of an entry that names it."""


def named_payloads(connection: Connection, named: Sequence[Named], tally: Tally) -> Iterator[Broken]:
    """Payloads that are missing or were changed; those erased are left to `erased_payloads`."""
    for start in range(0, len(named), _AT_ONCE):
        some = named[start : start + _AT_ONCE]
        hashes = sorted({name for name, _, _ in some})
        there = {row.hash: row for row in connection.execute(select(PAYLOADS).where(PAYLOADS.c.hash.in_(hashes)))}
        for name, chain, seq in some:
            row = there.get(name)
            tally.payloads += 1
            if row is None:
                yield Broken(chain, seq, f"its payload {name[:12]}... is missing, and no erasure says so")
            elif row.content is None:
                tally.blank.setdefault(row.erased_by, (chain, seq, name))
            elif not _same(row):
                yield Broken(chain, seq, f"its payload {name[:12]}... was changed")


def _same(row: Any) -> bool:
    try:
        return digest(unpacked(row.form, bytes(row.content))) == row.hash
    except Exception:  # noqa: BLE001  # whatever the unpacking says: it is not what was packed
        return False


def erased_payloads(connection: Connection, tally: Tally) -> Iterator[Broken]:
    """Payloads without content that no erasure took. An erasure names how many it took, and the hash of them."""
    for name, (chain, seq, payload) in sorted(tally.blank.items()):
        if name not in tally.erasures:
            yield Broken(chain, seq, f"its payload {payload[:12]}... was erased, and no entry says by whom")
    blank = select(PAYLOADS.c.erased_by, PAYLOADS.c.hash).where(PAYLOADS.c.content.is_(None))
    rows = connection.execute(blank.order_by(PAYLOADS.c.erased_by, PAYLOADS.c.hash))
    for name, taken in groupby(rows, key=lambda row: str(row.erased_by)):
        count, together = digest_of(row.hash for row in taken)
        tally.erased += count
        said, counted = tally.erasures.get(name, (together, count))
        if count > counted or (count == counted and together != said):
            yield Broken(
                "payloads", 0, f"erasure {name} took {counted:,} payloads, but not just the {count:,} it names"
            )


def digest_of(hashes: Iterator[str]) -> tuple[int, str]:
    """How many hashes, and the hash of all of them one after the other."""
    together, count = sha256(), 0
    for name in hashes:
        together.update(name.encode())
        count += 1
    return count, together.hexdigest()
