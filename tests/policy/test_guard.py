"""The contact guard: every reason to say no, on and off, at its edge."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_cases import golden

from policy.guard import (
    Complaint,
    Consent,
    ContactRequest,
    GuardRefused,
    PastContact,
    Pause,
    allowed,
)
from policy.pack import load_pack
from policy.parts.guarding import REASONS

PACK = load_pack()
CASES = golden("guard")
SHANGHAI = datetime.timezone(timedelta(hours=8))


def request(at: str = "2026-03-18T10:00:00+08:00", **more: Any) -> ContactRequest:
    given: dict[str, Any] = {
        "borrower_id": "B1",
        "loan_id": "L1",
        "at": datetime.datetime.fromisoformat(at),
        "timezone": "Asia/Shanghai",
        "channel": "call",
        "contact_point_id": "P1",
    }
    return ContactRequest(**(given | more))


def asked(case: Mapping[str, Any]) -> list[str]:
    past = [
        PastContact(
            datetime.datetime.fromisoformat(one["at"]),
            one.get("point", "P1"),
            one.get("channel", "call"),
            one.get("outcome", "no_answer"),
            one.get("direction", "out"),
        )
        for one in case.get("past", [])
    ]
    consents = [Consent(c["kind"], c.get("channel"), c["since"], c.get("until")) for c in case.get("consents", [])]
    complaints = [Complaint(c["since"], c.get("until")) for c in case.get("complaints", [])]
    pauses = [Pause(p["kind"], p["since"], p.get("until")) for p in case.get("pauses", [])]
    answer = allowed(request(**case.get("request", {})), past, consents, complaints, pauses, PACK)
    assert answer.allowed == (not answer.reasons)
    return [reason.code for reason in answer.reasons]


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_guard_says_what_was_worked_by_hand(case: Mapping[str, Any]) -> None:
    assert asked(case) == case["expect"]


def test_every_reason_has_a_case() -> None:
    assert {code for case in CASES for code in case["expect"]} == set(REASONS)


def test_a_denial_gives_its_words_in_both_languages_its_source_and_the_pack() -> None:
    answer = allowed(request("2026-03-18T23:00:00+08:00"), [], [], [], [], PACK)
    reason = answer.reasons[0]
    assert (reason.text["zh"], reason.article) == ("当地时间22:00至次日8:00，未经同意", "GB/T 45251-2025")
    assert "22:00" in reason.text["en"]
    assert answer.pack_hash == PACK.hash


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"channel": "fax"}, "channel: got: 'fax'; allowed: call, robot_call, sms"),
        ({"channel": "robot_cal"}, "nearest: robot_call"),
        ({"timezone": "Mars/Base"}, "timezone: got: 'Mars/Base'"),
        ({"timezone": "../etc"}, "timezone: got"),
        ({"at": datetime.datetime(2026, 3, 18, 10)}, "at: got: 2026-03-18T10:00:00 without a zone"),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused(more: Mapping[str, Any], message: str) -> None:
    given = {"at": request().at} | dict(more)
    with pytest.raises(GuardRefused, match=message.replace("(", r"\(")):
        allowed(ContactRequest(**(vars(request()) | given)), [], [], [], [], PACK)


@given(st.integers(0, 24 * 60 - 1))
def test_no_minute_between_22_and_8_is_allowed_and_no_other_denied_for_the_hour(minute: int) -> None:
    at = datetime.datetime(2026, 3, 18, tzinfo=SHANGHAI) + timedelta(minutes=minute)
    answer = allowed(ContactRequest(**(vars(request()) | {"at": at})), [], [], [], [], PACK)
    assert answer.allowed == (8 * 60 <= minute < 22 * 60)


@given(st.integers(0, 8), st.sampled_from(["call", "robot_call", "sms"]))
def test_more_past_calls_never_allow_what_fewer_deny(calls: int, channel: str) -> None:
    at = request().at

    def answer(n: int) -> bool:
        past = [PastContact(at - timedelta(minutes=m + 1), "P1", "call", "no_answer") for m in range(n)]
        consent = Consent("channel", "robot_call", date(2026, 1, 1))
        return allowed(request(channel=channel), past, [consent], [], [], PACK).allowed

    assert answer(calls) >= answer(calls + 1)
