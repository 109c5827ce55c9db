"""Sorted keys of words, so that one borrower or loan is found among millions by a binary search."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]


def keys_of(words: Sequence[str]) -> Keys:
    """A number for each word; different words may, very rarely, share one."""
    digests = b"".join([blake2b(word.encode(), digest_size=8).digest() for word in words])
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def candidates(keys: Keys, word: str) -> range:
    """The positions in sorted `keys` (which may lie in a mapped file) that hold the key of a word."""
    key = keys_of([word])[0]
    return range(int(np.searchsorted(keys, key, "left")), int(np.searchsorted(keys, key, "right")))
