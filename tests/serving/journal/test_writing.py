"""What is written is there after the commit: once, whole, and as it was given."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from serving.journal import AlertStep, Answer, Attempt, Conflict, Delivery, Journal, KeyReused, Score

Make = Callable[..., Any]


def test_a_score_comes_back_as_it_was_given(journal: Journal, score: Make) -> None:
    journal.write(score(1)).result(10)
    kept = journal.score("S000001")
    assert kept is not None
    given = score(1)
    for name in given.__struct_fields__:
        if name not in {"data", "details", "state_used", "state_next"}:
            assert getattr(kept.entry, name) == getattr(given, name), name
    assert journal.payload(kept.entry.data) == given.data
    assert journal.value(kept.entry.details) == given.details
    assert kept.entry.state_used == ""


def test_numbers_that_are_not_there_come_back_as_nan_or_none(journal: Journal, score: Make) -> None:
    journal.write(score(1, pd=math.nan, exposure=None, status="closed")).result(10)
    kept = journal.score("S000001")
    assert kept is not None
    assert math.isnan(kept.entry.pd)
    assert kept.entry.exposure is None


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"pd": math.inf}, ValueError),
        ({"loan_id": 7}, TypeError),
        ({"dpd": 0.5}, ValueError),
        ({"tier": "\x00"}, ValueError),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused_at_once(
    journal: Journal, score: Make, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"score.{next(iter(wrong))}"):
        journal.write(score(1, **wrong))


def test_many_threads_write_to_one_chain_without_a_gap(journal: Journal, score: Make) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda n: journal.write(score(n)).result(20), range(200)))
    places = [receipt.places[0] for receipt in receipts]
    assert len(set(places)) == 200
    assert journal.heads()["api/1"].seq == 201  # the first entry says that the chain was opened


def test_a_second_process_of_one_name_gets_a_chain_of_its_own(journal: Journal, url: str, score: Make) -> None:
    journal.write(score(1)).result(10)
    with Journal.open(url, "api") as other:
        assert other.write(score(2)).result(10).chain == "api/2"
    with Journal.open(url, "api") as third:
        assert third.write(score(3)).result(10).chain == "api/2"  # free again


def test_one_bad_entry_does_not_take_its_neighbours_along(journal: Journal, score: Make) -> None:
    journal.write(score(1)).result(10)
    futures = [journal.write(score(n)) for n in (2, 1, 3)]
    assert futures[0].result(10).places
    with pytest.raises(Conflict):
        futures[1].result(10)
    assert futures[2].result(10).places


def test_a_call_is_written_whole_or_not_at_all(journal: Journal, score: Make, alert: Make) -> None:
    journal.write(score(1)).result(10)
    with pytest.raises(Conflict):
        journal.write(alert(1), score(1)).result(10)
    assert journal.alert("A000001") is None


def test_an_alert_found_again_is_skipped(journal: Journal, alert: Make, score: Make) -> None:
    journal.write(alert(1)).result(10)
    receipt = journal.write(score(1), alert(1), alert(2)).result(10)
    assert receipt.skipped == ("A000001",)
    assert receipt.places[1] == 0
    assert len(journal.alerts().rows) == 2


def test_of_two_people_one_acknowledges_an_alert(journal: Journal, url: str, alert: Make) -> None:
    journal.write(alert(1)).result(10)
    with Journal.open(url, "desk") as other:
        both = [
            one.write(AlertStep(alert_id="A000001", step=1, status="acknowledged", actor=actor, request_id="r"))
            for one, actor in ((journal, "a"), (other, "b"))
        ]
        failed = [future.exception(10) for future in both]
    assert sorted(type(error).__name__ for error in failed) == ["Conflict", "NoneType"]
    story = journal.alert("A000001")
    assert story is not None
    assert (story.life.status, len(story.steps)) == ("acknowledged", 1)


def test_a_step_for_nothing_or_out_of_turn_is_a_conflict(journal: Journal, alert: Make) -> None:
    step = AlertStep(alert_id="A000001", step=2, status="closed", outcome="paid", actor="a", request_id="r")
    with pytest.raises(Conflict, match="no such alert"):
        journal.write(step).result(10)
    journal.write(alert(1)).result(10)
    with pytest.raises(Conflict, match="the next one is 1"):
        journal.write(step).result(10)


def test_a_delivery_is_due_until_it_is_delivered_or_dead(journal: Journal) -> None:
    journal.write(
        *(
            Delivery(
                delivery_id=f"D{n}", endpoint="crm", topic="alert", subject="A", due_at=n, request_id="r", body={"n": n}
            )
            for n in range(3)
        )
    ).result(10)
    assert [life.entry.delivery_id for life in journal.due(1)] == ["D0", "D1"]
    journal.write(Attempt(delivery_id="D0", attempt=1, outcome="failed", status=503, next_at=50)).result(10)
    journal.write(Attempt(delivery_id="D1", attempt=1, outcome="delivered", status=200)).result(10)
    assert [life.entry.delivery_id for life in journal.due(49)] == ["D2"]
    assert [(life.entry.delivery_id, life.step) for life in journal.due(50)] == [("D2", 0), ("D0", 1)]
    journal.write(Attempt(delivery_id="D0", attempt=2, outcome="dead")).result(10)
    assert [life.entry.delivery_id for life in journal.dead().rows] == ["D0"]
    with pytest.raises(Conflict, match="at its end"):
        journal.write(Attempt(delivery_id="D1", attempt=2, outcome="delivered")).result(10)


def test_the_same_key_and_body_get_the_same_answer(journal: Journal, score: Make) -> None:
    assert journal.answered("officer /v1/scores", "k1", b"body") is None
    answer = Answer.of("officer /v1/scores", "k1", b"body", 200, b"first" * 100)
    assert journal.write(score(1), answer=answer).result(10).answer is None
    assert journal.answered("officer /v1/scores", "k1", b"body") == answer
    assert journal.answered("monitor /v1/scores", "k1", b"body") is None
    with pytest.raises(KeyReused):
        journal.answered("officer /v1/scores", "k1", b"another body")


def test_two_workers_racing_on_one_key_give_one_answer(journal: Journal, url: str, score: Make) -> None:
    start = threading.Barrier(2)
    with Journal.open(url, "api") as other, ThreadPoolExecutor(2) as pool:

        def ask(at: tuple[int, Journal]) -> list[bytes]:
            told = []
            for k in range(20):
                mine = Answer.of("s", f"k{k}", b"body", 200, b"from %d" % at[0])
                start.wait()
                receipt = at[1].write(score(100 * at[0] + k), answer=mine).result(20)
                told.append(receipt.answer.content if receipt.answer else mine.content)
            return told

        left, right = pool.map(ask, [(1, journal), (2, other)])
    assert left == right
    rows = journal.page(Score, 1_000).rows
    assert len(rows) == 20


def test_a_key_with_another_body_writes_nothing(journal: Journal, score: Make) -> None:
    journal.write(score(1), answer=Answer.of("s", "k", b"one", 200, b"1")).result(10)
    with pytest.raises(KeyReused):
        journal.write(score(2), answer=Answer.of("s", "k", b"two", 200, b"2")).result(10)
    assert journal.score("S000002") is None


@pytest.mark.parametrize("table", ["entries", "scores"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET place = place", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_written(
    journal: Journal, sql: Make, score: Make, table: str, statement: str
) -> None:
    journal.write(score(1)).result(10)
    with pytest.raises(DBAPIError, match="only grows"):
        sql(statement.format(table))


def test_pages_go_from_new_to_old_and_end(journal: Journal, score: Make) -> None:
    journal.write(*(score(n, loan_id="L") for n in range(5))).result(10)
    first = journal.scores_of("L", limit=3)
    second = journal.scores_of("L", limit=3, before=first.next)
    assert [kept.entry.score_id[-1] for kept in (*first.rows, *second.rows)] == ["4", "3", "2", "1", "0"]
    assert second.next is None


def test_the_newest_state_of_each_loan_is_found(journal: Journal, score: Make) -> None:
    journal.write(*(score(n) for n in range(9))).result(10)
    assert journal.states(["L0", "L1", "L9"]) == {"L0": {"tier": "T2", "n": 7}, "L1": {"tier": "T2", "n": 8}}
