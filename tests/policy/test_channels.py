"""By which channels an action reaches the borrower."""

from __future__ import annotations

import tomllib
from pathlib import Path

from policy.channels import channels
from policy.pack import load_pack
from policy.parts.guarding import CHANNELS


def test_every_action_that_contacts_the_borrower_has_a_channel_of_the_guard() -> None:
    actions = load_pack().treatments.actions
    without = [code for code, one in actions.items() if one.kind in ("contact", "hardship") and not channels(code)]
    assert without == []
    assert {one for code in actions for one in channels(code)} <= set(CHANNELS)


def test_work_at_the_desk_reaches_nobody() -> None:
    actions = load_pack().treatments.actions
    assert [code for code, one in actions.items() if one.kind == "desk" and channels(code)] == []


def test_no_channel_is_told_of_an_action_that_is_not_in_the_pack(root: Path) -> None:
    told = tomllib.loads((root / "policy/channels.toml").read_text("utf-8"))["channels"]
    assert sorted(set(told) - set(load_pack().treatments.actions)) == []
