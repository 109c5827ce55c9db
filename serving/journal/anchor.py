"""The ends of all chains in a small file, to be kept where nobody with the keys of the database can reach it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from book.errors import Refusal
from serving.journal.chain import canonical, digest
from serving.journal.journal import Journal
from serving.journal.rows import Head


class Anchor(msgspec.Struct, frozen=True):
    """The last entry of every chain at a moment (UTC microseconds), and the hash of all of them together."""

    at: int
    heads: Mapping[str, Head]
    hash: str


def anchor_of(journal: Journal, at: int) -> Anchor:
    """The anchor of a journal at this moment."""
    found = journal.heads()
    return Anchor(at, found, _hash(at, found))


def write_anchor(anchor: Anchor, path: Path) -> None:
    """Write an anchor as JSON; a file that is there stays as it is (Refusal)."""
    try:
        with path.open("xb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(anchor)) + b"\n")
    except FileExistsError:
        raise Refusal(f"{path}: there is an anchor already; allowed: a new file, anchors are not replaced") from None


def read_anchor(path: Path) -> Anchor:
    """An anchor from its file. Raises Refusal where it cannot be read or was changed."""
    try:
        anchor = msgspec.json.decode(path.read_bytes(), type=Anchor)
    except (OSError, msgspec.DecodeError) as error:
        raise Refusal(f"{path}: not an anchor; got: {error}") from None
    if anchor.hash != _hash(anchor.at, anchor.heads):
        raise Refusal(f"{path}: the anchor was changed: its hash is another one")
    return anchor


def _hash(at: int, heads: Mapping[str, Head]) -> str:
    return digest(canonical([at, {chain: [head.seq, head.hash] for chain, head in heads.items()}]))
