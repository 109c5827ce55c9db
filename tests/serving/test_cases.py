"""Loans, alerts, the queue, the guard, events, overrides and the audit, over HTTP with a journal and a store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from serving.journal import Journal
from serving.journal.verify import verify

Body = dict[str, Any]
Ask = Callable[..., Any]


def test_a_score_is_in_the_journal_before_it_is_answered_and_the_loan_shows_it(ask: Ask, bodies: list[Body]) -> None:
    told = ask("monitor", "POST", "/v1/scores", bodies[0]).json()["scores"][0]
    assert told["score_id"].startswith("S")
    loan = ask("officer", "GET", f"/v1/loans/{told['loan_id']}").json()
    assert loan["latest"]["score_id"] == told["score_id"]
    assert loan["latest"]["pd"] == told["pd"]
    assert loan["latest"]["five_class"] == told["decision"]["five_class"]
    assert [reason["family"] for reason in loan["reasons"]] == [reason["family"] for reason in told["reasons"]]


def test_the_loan_says_why_its_score_moved_to_the_last_bit(ask: Ask, bodies: list[Body], scored_twice: str) -> None:
    told = ask("officer", "GET", f"/v1/loans/{scored_twice}").json()
    change = told["moved"]["change"]
    assert change is not None
    assert abs(sum(told["moved"]["by_family"].values()) - change) < 1e-9
    assert told["moved"]["since"] < told["latest"]["as_of"]


def test_the_same_key_gives_the_same_bytes_and_another_body_is_refused(ask: Ask, bodies: list[Body]) -> None:
    first = ask("monitor", "POST", "/v1/scores", bodies[1], key="one")
    again = ask("monitor", "POST", "/v1/scores", bodies[1], key="one")
    assert (first.status_code, first.content) == (200, again.content)
    other = ask("monitor", "POST", "/v1/scores", bodies[2], key="one")
    assert other.status_code == 409
    assert other.json()["type"].endswith("key-reused")
    assert ask("scientist", "POST", "/v1/scores", bodies[2], key="one").status_code == 200


def test_of_two_that_race_with_one_key_both_get_one_answer(ask: Ask, bodies: list[Body], journal: Journal) -> None:
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(ask, "monitor", "POST", "/v1/scores", bodies[3], key="race") for _ in range(2)]
        answers = [one.result() for one in sent]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].content == answers[1].content
    score = answers[0].json()["scores"][0]
    assert len(journal.scores_of(score["loan_id"]).rows) == 1


def test_an_alert_is_acknowledged_acted_on_and_closed_once(ask: Ask, an_alert: str) -> None:
    path = f"/v1/alerts/{an_alert}"
    assert ask("officer", "GET", path).json()["alert"]["status"] == "open"
    assert ask("officer", "POST", f"{path}/acknowledge", {"reason": "looking"}).json()["status"] == "acknowledged"
    late = ask("officer", "POST", f"{path}/act", {"reason": "called", "step": 0})
    assert (late.status_code, late.json()["type"]) == (409, "urn:loanwatch:problem:conflict")
    assert ask("officer", "POST", f"{path}/close", {"reason": "paid", "outcome": "cured"}).json()["step"] == 2
    assert ask("officer", "POST", f"{path}/close", {"reason": "paid"}).status_code == 409
    steps = ask("auditor", "GET", path).json()["steps"]
    assert [(step["status"], step["reason"]) for step in steps] == [("acknowledged", "looking"), ("closed", "paid")]


def test_alerts_come_in_pages(ask: Ask, an_alert: str) -> None:
    first = ask("officer", "GET", "/v1/alerts?limit=1").json()
    assert len(first["alerts"]) == 1
    rest = ask("officer", "GET", f"/v1/alerts?before={first['next']}").json()
    assert first["alerts"][0]["alert_id"] not in {alert["alert_id"] for alert in rest["alerts"]}
    wrong = ask("officer", "GET", "/v1/alerts?severity=X&limit=0&colour=red")
    assert {fault["path"] for fault in wrong.json()["faults"]} == {"query.severity", "query.limit", "query.colour"}


def test_the_queue_ranks_by_pd_times_exposure_within_capacity(ask: Ask, an_alert: str) -> None:
    told = ask("officer", "GET", "/v1/queue?capacity=3").json()
    weights = [loan["weight"] for loan in told["loans"]]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == min(3, told["ranked"])


def test_the_guard_answers_with_reasons_and_keeps_the_question(ask: Ask, loan_of_store: str, journal: Journal) -> None:
    asked = {"loan_id": loan_of_store, "channel": "call", "contact_point_id": "P", "at": "2023-07-03T23:30:00+08:00"}
    told = ask("officer", "POST", "/v1/guard/contact", asked).json()
    assert told["allowed"] is False
    assert "NIGHT" in [reason["code"] for reason in told["reasons"]]
    wrong = ask("officer", "POST", "/v1/guard/contact", asked | {"channel": "pigeon"})
    assert wrong.status_code == 422
    assert "nobody" in ask("officer", "POST", "/v1/guard/contact", asked | {"loan_id": "nobody"}).json()["detail"]


def test_the_guard_counts_calls_that_were_made_and_not_its_own_answers(ask: Ask, bodies: list[Body]) -> None:
    early = (loan for body in bodies[1:] for loan in body["tables"]["loans"] if loan["disbursed_on"] < "2023-01-01")
    loan_id = next(early)["loan_id"]
    asked = {"loan_id": loan_id, "channel": "call", "contact_point_id": "P-7", "at": "2023-07-03T10:30:00+08:00"}

    def capped() -> bool:
        told = ask("officer", "POST", "/v1/guard/contact", asked).json()
        return "CALL_CAP" in [reason["code"] for reason in told["reasons"]]

    assert not any(capped() for _ in range(6))
    caps = []
    for n in range(5):
        call = {"contact_id": f"C-{n}", "loan_id": loan_id, "contact_point_id": "P-7", "channel": "phone",
                "direction": "out", "outcome": "no_answer", "agent_type": "person",
                "at": f"2023-07-03T10:0{n}:00+08:00"}  # fmt: skip
        kept = ask("monitor", "POST", "/v1/events", {"tables": {"contacts": [call]}})
        assert kept.status_code == 200, kept.text
        caps.append(capped())
    allowed = caps.index(True)
    assert allowed > 0
    assert caps == [False] * allowed + [True] * (5 - allowed)
    asked["contact_point_id"] = "P-8"
    assert not capped()


def test_an_event_is_kept_fires_rules_and_is_not_counted_twice(ask: Ask, loan_of_store: str, journal: Journal) -> None:
    payment = {"payment_id": "P-new", "loan_id": loan_of_store, "paid_on": "2023-07-01", "amount": "10.00",
               "status": "posted"}  # fmt: skip
    told = ask("monitor", "POST", "/v1/events", {"tables": {"payments": [payment]}})
    assert told.status_code == 200, told.text
    (event,) = told.json()["events"]
    assert (event["tables"], event["rows"], event["known"]) == (["payments"], 1, 0)
    scores = told.json()["scores"]
    assert loan_of_store in {score["loan_id"] for score in scores}
    assert all(score["score_id"] and score["as_of"] == "2023-06-30" for score in scores)
    again = ask("monitor", "POST", "/v1/events", {"tables": {"payments": [payment]}}).json()
    assert (again["events"][0]["rows"], again["events"][0]["known"], again["scores"]) == (0, 1, [])
    assert len(journal.events([event["borrower_id"]], 0, 1 << 62)) == 1


def test_an_event_about_nobody_is_refused_by_its_path(ask: Ask) -> None:
    payment = {"payment_id": "P", "loan_id": "nobody", "paid_on": "2023-07-01", "amount": "10.00", "status": "posted"}
    told = ask("monitor", "POST", "/v1/events", {"tables": {"payments": [payment]}})
    assert told.status_code in (404, 422)
    assert told.json()["faults"][0]["path"] == "tables.payments[0].loan_id"


def propose(ask: Ask, loan: str, role: str = "officer") -> Body:
    asked = {"loan_id": loan, "what": "tier", "becomes": "T5", "reason": "the plant has closed"}
    told = ask(role, "POST", "/v1/overrides", asked)
    assert told.status_code == 200, told.text
    return dict(told.json())


def answer(ask: Ask, role: str, one: Body, verb: str, reason: str = "saw the notice", key: str = "") -> Any:
    return ask(role, "POST", f"/v1/overrides/{one['override_id']}/{verb}", {"reason": reason}, key)


def test_an_override_is_in_effect_when_another_person_approved_it_with_their_own_key(
    ask: Ask, scored_twice: str, journal: Journal
) -> None:
    one = propose(ask, scored_twice)
    assert (one["status"], one["actor"], one["answered_by"], one["was"] != "") == ("proposed", "officer", None, True)
    waiting = ask("approver", "GET", f"/v1/overrides?status=proposed&loan_id={scored_twice}").json()["overrides"]
    assert waiting[0] | {"at": one["at"]} == one
    told = answer(ask, "approver", one, "approve", key="K1")
    assert answer(ask, "approver", one, "approve", key="K1").content == told.content
    done = told.json()
    assert (done["status"], done["actor"], done["answered_by"]) == ("approved", "officer", "approver")
    assert done["answer"] == "saw the notice"
    assert ask("officer", "GET", f"/v1/loans/{scored_twice}").json()["overrides"][0]["status"] == "approved"
    story = journal.override(one["override_id"])
    assert story is not None
    assert [step.entry.actor for step in story.steps] == ["approver"]
    for verb in ("approve", "decline"):
        assert answer(ask, "approver", one, verb).status_code == 409
    assert verify(journal).whole


def test_nobody_answers_what_they_proposed_and_the_attempt_is_in_the_audit(ask: Ask, scored_twice: str) -> None:
    one = propose(ask, scored_twice, "approver")
    refused = answer(ask, "approver", one, "approve")
    assert refused.status_code == 403
    assert "another approver" in refused.json()["detail"]
    rows = ask("auditor", "GET", f"/v1/audit?subject={one['override_id']}").json()["accesses"]
    assert [row["status"] for row in rows] == [403]
    for role in ("officer", "monitor", "auditor", "scientist"):
        assert answer(ask, role, one, "approve").status_code == 403
    declined = answer(ask, "Wang Li", one, "decline", "the notice is of last year").json()
    assert (declined["status"], declined["answered_by"]) == ("declined", "Wang Li")


def test_of_two_approvers_at_once_one_is_first(ask: Ask, scored_twice: str) -> None:
    one = propose(ask, scored_twice)
    with ThreadPoolExecutor(4) as pool:
        told = list(
            pool.map(lambda n: answer(ask, "approver", one, ("approve", "decline")[n % 2]).status_code, range(8))
        )
    assert sorted(told) == [200] + [409] * 7


def test_what_has_run_out_cannot_be_approved(ask: Ask, scored_twice: str) -> None:
    asked = {"loan_id": scored_twice, "what": "class", "becomes": "loss", "reason": "fled", "expires_on": "2020-01-01"}
    one = ask("officer", "POST", "/v1/overrides", asked).json()
    assert "run out" in answer(ask, "approver", one, "approve").json()["detail"]
    assert answer(ask, "approver", one, "decline").status_code == 200


def test_an_override_needs_a_reason_and_a_choice_of_the_policy(ask: Ask, scored_twice: str) -> None:
    asked = {"loan_id": scored_twice, "what": "tier", "becomes": "T5", "reason": "the plant has closed"}
    assert ask("officer", "POST", "/v1/overrides", asked | {"approver": "Wang Li"}).status_code == 422
    for wrong in ({"becomes": "T9"}, {"reason": ""}):
        refused = ask("officer", "POST", "/v1/overrides", asked | wrong)
        assert refused.status_code == 422
        assert refused.json()["faults"][0]["path"] == next(iter(wrong))
    assert answer(ask, "approver", propose(ask, scored_twice), "approve", "").status_code == 422
    assert answer(ask, "approver", {"override_id": "O-nothing"}, "approve").status_code == 404


def test_a_borrower_is_heard_by_a_person_and_the_outcome_is_kept(ask: Ask, scored_twice: str, journal: Journal) -> None:
    asked = {"loan_id": scored_twice, "reason": "the employer paid in May", "due_on": "2026-03-31"}
    one = ask("officer", "POST", "/v1/reviews", asked).json()
    assert (one["status"], one["reason"], one["outcome"]) == ("open", "the employer paid in May", None)
    assert one["score_id"] == ask("officer", "GET", f"/v1/loans/{scored_twice}").json()["latest"]["score_id"]
    assert ask("auditor", "GET", "/v1/reviews?status=open").json()["reviews"][0]["review_id"] == one["review_id"]
    path = f"/v1/reviews/{one['review_id']}/close"
    assert ask("approver", "POST", path, {"outcome": "forgotten", "reason": "x"}).status_code == 422
    done = ask("approver", "POST", path, {"outcome": "data_corrected", "reason": "booked to another loan"}).json()
    assert (done["status"], done["outcome"], done["answered_by"]) == ("closed", "data_corrected", "approver")
    (kept,) = ask("monitor", "GET", f"/v1/reviews?loan_id={scored_twice}").json()["reviews"]
    assert kept | {"answered_at": None, "at": None} == done | {"answered_at": None, "at": None}
    assert ask("officer", "POST", path, {"outcome": "upheld", "reason": "again"}).status_code == 409
    assert ask("officer", "POST", "/v1/reviews/V-none/close", {"outcome": "upheld", "reason": "r"}).status_code == 404
    assert ask("officer", "POST", "/v1/reviews", asked | {"loan_id": "nobody"}).status_code == 404
    assert verify(journal).whole


def test_the_audit_shows_every_access_also_those_refused(ask: Ask, bodies: list[Body]) -> None:
    assert ask("auditor", "POST", "/v1/scores", bodies[0]).status_code == 403
    rows = ask("auditor", "GET", "/v1/audit?actor=auditor&limit=1000").json()["accesses"]
    assert ("/v1/scores", 403) in {(row["path"], row["status"]) for row in rows}


def test_reload_and_packs_tell_what_is_in_force(ask: Ask) -> None:
    told = ask("approver", "POST", "/v1/admin/reload").json()
    assert told["model"]
    assert told["book"] == "night"
    packs = ask("scientist", "GET", "/v1/packs").json()
    assert {part["kind"] for part in packs["parts"]} >= {"grades", "rules", "guard"}


def test_every_answer_has_an_id_and_safe_headers(ask: Ask) -> None:
    answer = ask("scientist", "GET", "/v1/packs", headers={"x-request-id": "mine-1"})
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_after_all_this_the_chain_is_whole(journal: Journal, ask: Ask) -> None:
    assert verify(journal).whole
