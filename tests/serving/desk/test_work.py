"""Work at the desk: alerts to their closure, decisions of people, the contact guard, exports."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable

import pytest
from desk_forms import token
from starlette.testclient import TestClient

from serving.backing import Backing
from serving.case_answers import OverrideOut
from serving.holding import overrides_out
from serving.journal import Contact

Sit = Callable[..., TestClient]


@pytest.fixture
def open_alert(backing: Backing) -> str:
    """An alert that nobody has worked on."""
    return backing.kept().alerts("open", 1, level="loan").rows[0].entry.alert_id


def take(browser: TestClient, alert_id: str, **fields: str) -> object:
    page = f"/desk/alerts/{alert_id}"
    return browser.post(f"{page}/work", data={"token": token(browser, page), "step": "0", **fields})


def test_an_alert_is_worked_to_its_closure(sit: Sit, backing: Backing, open_alert: str) -> None:
    browser, page = sit(), f"/desk/alerts/{open_alert}"
    steps = [
        ("acknowledge", "", "I ring the borrower", "acknowledged"),
        ("act", "", "promised to pay on Friday", "acted"),
        ("close", "cured", "paid in full", "closed"),
    ]
    for number, (verb, outcome, reason, becomes) in enumerate(steps):
        fields = {"verb": verb, "outcome": outcome, "reason": reason, "step": str(number)}
        answer = take(browser, open_alert, **fields)
        assert answer.headers["location"] == f"{page}?done={becomes}"  # type: ignore[attr-defined]
        shown = browser.get(f"{page}?done={becomes}").text
        assert 'role="status"' in shown
        assert reason in shown
    story = backing.kept().alert(open_alert)
    assert story is not None
    assert [(kept.entry.status, kept.entry.outcome, kept.entry.actor) for kept in story.steps] == [
        ("acknowledged", "", "officer"),
        ("acted", "", "officer"),
        ("closed", "cured", "officer"),
    ]
    assert 'name="verb"' not in browser.get(page).text
    assert open_alert not in browser.get("/desk/alerts").text
    assert open_alert in browser.get("/desk/alerts?status=closed").text


def test_a_closed_alert_leaves_the_counts_of_the_queue(sit: Sit, backing: Backing, open_alert: str) -> None:
    browser = sit()

    def not_closed() -> int:
        counts = re.findall(r"<b>([\d,]+)</b>", browser.get("/desk/queue").text)
        return sum(int(count.replace(",", "")) for count in counts)

    before = not_closed()
    take(browser, open_alert, verb="close", outcome="data", reason="posted twice")
    assert not_closed() == before - 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"verb": "close", "reason": "over"}, "Choose an outcome"),
        ({"verb": "close", "reason": "over", "outcome": "won"}, "Choose an outcome"),
        ({"verb": "", "reason": "over"}, "Choose what to record"),
        ({"verb": "act", "reason": "  "}, "Give a reason"),
        ({"verb": "act", "reason": "x" * 2_001}, "Too long: at most 2,000"),
    ],
)
def test_a_faulty_form_comes_back_with_what_was_written(
    sit: Sit, backing: Backing, open_alert: str, fields: dict[str, str], said: str
) -> None:
    answer = take(sit(), open_alert, **fields)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    text = answer.text  # type: ignore[attr-defined]
    assert said in text
    assert 'role="alert"' in text
    assert 'aria-invalid="true"' in text
    assert html.escape(fields["reason"].strip()) in text
    story = backing.kept().alert(open_alert)
    assert story is not None
    assert story.life.status == "open"


def test_of_two_people_the_second_is_told_that_somebody_was_faster(sit: Sit, open_alert: str) -> None:
    first, second = sit("officer"), sit("approver")
    take(first, open_alert, verb="acknowledge", reason="mine")
    answer = take(second, open_alert, verb="act", reason="also mine")
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "Somebody else was faster" in answer.text  # type: ignore[attr-defined]


def test_a_form_without_the_token_of_the_session_changes_nothing(sit: Sit, backing: Backing, open_alert: str) -> None:
    browser, other = sit("officer"), sit("approver")
    page = f"/desk/alerts/{open_alert}"
    fields = {"verb": "act", "reason": "forged", "step": "0"}
    for forged in ({}, {"token": ""}, {"token": "é"}, {"token": token(other, page)}):
        assert browser.post(f"{page}/work", data=fields | forged).status_code == 403
    mine = fields | {"token": token(browser, page)}
    assert browser.post(f"{page}/work", data=mine, headers={"origin": "https://evil.example"}).status_code == 403
    story = backing.kept().alert(open_alert)
    assert story is not None
    assert story.steps == ()


def test_who_may_not_work_alerts_sees_no_form_and_is_refused(sit: Sit, open_alert: str) -> None:
    auditor, page = sit("auditor"), f"/desk/alerts/{open_alert}"
    shown = auditor.get(page).text
    assert 'name="verb"' not in shown
    assert "not work on them" in shown
    fields = {"verb": "act", "reason": "x", "token": token(auditor, page)}
    assert auditor.post(f"{page}/work", data=fields).status_code == 403


def test_a_person_proposes_and_another_approves(sit: Sit, backing: Backing, a_loan: str) -> None:
    browser, page = sit(), f"/desk/loans/{a_loan}"
    fields = {"token": token(browser, page), "becomes": "tier:T2", "reason": "new contract at a hospital",
              "expires": "2099-12-31"}  # fmt: skip
    answer = browser.post(f"{page}/override", data=fields)
    assert answer.headers["location"] == f"{page}?done=override"
    shown = browser.get(answer.headers["location"]).text
    assert "Saved: your decision waits for another person" in shown
    assert "new contract at a hospital" in shown
    (one,) = overrides_of(backing, a_loan)
    assert (one.what, one.becomes, one.status, one.actor) == ("tier", "T2", "proposed", "officer")
    assert one.was.startswith(("T", "D"))
    listed = browser.get("/desk/decisions").text
    assert "waits for an approver other than" in listed
    assert "Approve</button>" not in listed
    second = sit("approver")
    sent = {"token": token(second, "/desk/decisions"), "verb": "approve", "reason": "saw the contract"}
    assert second.post(f"/desk/decisions/{one.override_id}", data=sent | {"reason": ""}).status_code == 422
    assert second.post(f"/desk/decisions/{one.override_id}", data=sent | {"verb": "x"}).status_code == 422
    done = second.post(f"/desk/decisions/{one.override_id}", data=sent)
    assert done.headers["location"] == "/desk/decisions?done=approved"
    assert "approved and in effect" in second.get(done.headers["location"]).text
    (one,) = overrides_of(backing, a_loan)
    assert (one.status, one.answered_by, one.answer) == ("approved", "approver", "saw the contract")
    for lang, word in (("en", "Approved by approver"), ("zh", "批准人approver")):
        told = second.get(page, headers={"accept-language": lang}).text
        assert word in told
        assert "saw the contract" in told
    assert second.post(f"/desk/decisions/{one.override_id}", data=sent).status_code == 409


def overrides_of(backing: Backing, loan: str) -> list[OverrideOut]:
    return overrides_out(backing.kept(), loan_id=loan)[0]


def test_nobody_approves_on_the_desk_what_they_proposed(sit: Sit, backing: Backing, a_loan: str) -> None:
    browser, page = sit("approver"), f"/desk/loans/{a_loan}"
    fields = {"token": token(browser, page), "becomes": "tier:T3", "reason": "mine"}
    assert browser.post(f"{page}/override", data=fields).status_code == 303
    one = overrides_of(backing, a_loan)[0]
    sent = {"token": fields["token"], "verb": "approve", "reason": "mine too"}
    assert browser.post(f"/desk/decisions/{one.override_id}", data=sent).status_code == 403
    for role in ("officer", "auditor"):
        other = sit(role)
        sent["token"] = token(other, "/desk/decisions")
        assert other.post(f"/desk/decisions/{one.override_id}", data=sent).status_code == 403
    assert overrides_of(backing, a_loan)[0].status == "proposed"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"becomes": ""}, "Choose what to decide instead"),
        ({"reason": ""}, "Give a reason"),
        ({"expires": "2001-01-01"}, "not before today"),
        ({"expires": "soon"}, "not before today"),
    ],
)
def test_a_decision_that_cannot_be_kept_comes_back(sit: Sit, a_loan: str, wrong: dict[str, str], said: str) -> None:
    browser, page = sit(), f"/desk/loans/{a_loan}"
    right = {"token": token(browser, page), "becomes": "class:loss", "reason": "fled"}
    answer = browser.post(f"{page}/override", data=right | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert '<details class="fold" id="override" open>' in answer.text


def test_a_tier_that_the_policy_does_not_know_is_refused(sit: Sit, a_loan: str) -> None:
    browser, page = sit(), f"/desk/loans/{a_loan}"
    fields = {"token": token(browser, page), "becomes": "tier:T9", "reason": "r"}
    assert browser.post(f"{page}/override", data=fields).status_code == 422


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ({"at": "2026-11-24T10:30"}, True),
        ({"at": "2026-11-24T23:30"}, False),
        ({"at": "2026-11-24T10:30", "party": "other"}, False),
        ({"at": "2026-11-24T10:30", "channel": "visit", "staff": "1"}, False),
    ],
)
def test_the_guard_says_whether_a_contact_may_be_made_and_why_not(
    sit: Sit, backing: Backing, a_loan: str, asked: dict[str, str], allowed: bool
) -> None:
    browser, page = sit("officer", "zh"), f"/desk/loans/{a_loan}"
    fields = {"token": token(browser, page), "channel": "call", "point": "13800000000", "party": "borrower",
              "identity": "unknown", "zone": "Asia/Shanghai", "staff": "2"}  # fmt: skip
    answer = browser.post(f"{page}/guard", data=fields | asked)
    assert answer.status_code == 200
    assert ('<p class="answer">✓' in answer.text) == allowed
    kept = backing.kept().one(Contact, loan_id=a_loan)
    assert kept is not None
    assert kept.entry.allowed == allowed
    assert kept.entry.contact_id in answer.text
    assert bool(kept.entry.reasons) != allowed
    assert "13800000000" not in answer.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"channel": "pigeon"}, "Choose a channel"),
        ({"point": ""}, "Give the contact point"),
        ({"zone": "Mars/Base"}, "Unknown time zone"),
        ({"zone": "../../etc/passwd"}, "Unknown time zone"),
        ({"at": "tomorrow"}, "date and hour"),
        ({"staff": "many"}, "number from 1 to 100"),
    ],
)
def test_a_question_that_the_guard_cannot_understand_comes_back(
    sit: Sit, a_loan: str, wrong: dict[str, str], said: str
) -> None:
    browser, page = sit(), f"/desk/loans/{a_loan}"
    right = {"token": token(browser, page), "channel": "call", "point": "1", "zone": "Asia/Shanghai"}
    answer = browser.post(f"{page}/guard", data=right | wrong)
    assert answer.status_code == 422
    assert said in answer.text


def test_forms_of_the_loan_are_shown_to_those_who_may_send_them(sit: Sit, a_loan: str) -> None:
    page = f"/desk/loans/{a_loan}"
    seen = {role: sit(role).get(page).text for role in ("officer", "approver", "monitor", "auditor")}
    assert {role for role, text in seen.items() if f"{page}/override" in text} == {"officer", "approver"}
    assert {role for role, text in seen.items() if f"{page}/guard" in text} == {"officer", "monitor"}
    for role, form in (("auditor", "override"), ("approver", "guard"), ("auditor", "guard")):
        browser = sit(role)
        assert browser.post(f"{page}/{form}", data={"token": token(browser, page)}).status_code == 403


def test_the_page_of_a_loan_is_the_report_with_the_tier_of_the_night(sit: Sit, a_loan: str) -> None:
    browser = sit()
    row = next(one for one in sheet(browser, "/desk/queue.csv") if one["Loan"] == a_loan)
    text = browser.get(f"/desk/loans/{a_loan}").text
    title = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.S)
    assert title is not None
    assert f"tier {row['Risk tier']}" in title[1]


def sheet(browser: TestClient, path: str) -> list[dict[str, str]]:
    answer = browser.get(path)
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_queue_can_be_taken_away_as_it_is_filtered(sit: Sit) -> None:
    browser = sit()
    whole, some = sheet(browser, "/desk/queue.csv"), sheet(browser, "/desk/queue.csv?tier=T3")
    assert [int(row["Rank"]) for row in whole] == list(range(1, len(whole) + 1))
    weights = [float(row["At risk"]) for row in whole]
    assert weights == sorted(weights, reverse=True)
    assert some == [row for row in whole if row["Risk tier"] == "T3"]
    assert "风险等级" in sheet(sit("officer", "zh"), "/desk/queue.csv")[0]


def test_alerts_can_be_taken_away_as_they_are_filtered(sit: Sit, backing: Backing) -> None:
    rows = sheet(sit(), "/desk/alerts.csv?severity=R&status=all")
    assert {row["Severity"] for row in rows} == {"Red"}
    assert len(rows) == len(backing.kept().alerts(None, 1_000, severity="R").rows)


def test_a_loan_is_found_by_its_number_its_beginning_and_its_borrower(sit: Sit, a_loan: str) -> None:
    browser = sit()
    assert browser.get("/desk/loans", params={"q": a_loan}).headers["location"] == f"/desk/loans/{a_loan}"
    assert a_loan in browser.get("/desk/loans", params={"q": a_loan[:-1]}).text
    pseudonym = re.search(r"/desk/borrowers/([0-9a-f]{32})", browser.get(f"/desk/loans/{a_loan}").text)
    assert pseudonym is not None
    assert a_loan in browser.get("/desk/loans", params={"q": pseudonym[1][:10].upper()}).text
    assert a_loan in browser.get(f"/desk/borrowers/{pseudonym[1]}").text


def test_a_borrower_is_found_by_the_number_that_the_lender_uses(sit: Sit, a_loan: str, bodies: list[dict]) -> None:  # type: ignore[type-arg]
    own = next(one["tables"]["loans"][0]["borrower_id"] for one in bodies if a_loan in one["score"])
    assert a_loan in sit().get("/desk/loans", params={"q": own}).text
