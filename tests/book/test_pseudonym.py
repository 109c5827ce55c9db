"""Pseudonyms: keyed, stable, and never made with a key nobody set."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from book.errors import Refusal
from book.pseudonym import Pseudonyms, pseudonyms_from_environment


@pytest.mark.parametrize("key", [b"a key for tests only", b"k" * 64, b"k" * 65, b"long" * 50])
def test_a_pseudonym_is_the_keyed_hash_of_the_id(key: bytes) -> None:
    digest = hmac.new(key, "张三".encode(), hashlib.sha256).digest()
    pseudonyms = Pseudonyms(key)
    assert pseudonyms.names(["张三"]) == [digest[:16].hex()]
    assert pseudonyms.numbers(["张三"]).tolist() == [int.from_bytes(digest[:8], "big", signed=True)]


def test_another_key_gives_another_pseudonym() -> None:
    assert Pseudonyms(b"x" * 16).names(["B1"]) != Pseudonyms(b"y" * 16).names(["B1"])


def test_without_a_key_nothing_is_loaded() -> None:
    with pytest.raises(Refusal, match="LOANWATCH_ID_KEY: no key to pseudonymise ids with"):
        pseudonyms_from_environment({})


def test_the_demo_key_needs_demo_mode_and_gives_way_to_a_real_key() -> None:
    demo = pseudonyms_from_environment({"LOANWATCH_DEMO": "1"})
    real = pseudonyms_from_environment({"LOANWATCH_DEMO": "1", "LOANWATCH_ID_KEY": "ab" * 16})
    assert demo.names(["B1"]) != real.names(["B1"])


@pytest.mark.parametrize("secret", ["not hex at all, far too plain", "abcd"])
def test_an_unusable_key_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(Refusal) as refusal:
        pseudonyms_from_environment({"LOANWATCH_ID_KEY": secret})
    assert secret not in str(refusal.value)
    assert "key" not in repr(Pseudonyms(b"k" * 16)).split("(", 1)[1]
