"""Requests that wait together are answered together, each as if it were alone; their entries share a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient, Response

from book.errors import RequestRefused
from serving.app import create_app
from serving.backing import Backing
from serving.errors import OtherModel
from serving.journal import Access, Journal, JournalDown, Score
from serving.journal.verify import verify
from serving.memory import Memory
from serving.outgoing import Outgoing
from serving.routes.gather import Gatherer
from serving.ruling import Asker
from serving.service import Made, Question, Service
from serving.wiring import Wiring

Body = dict[str, Any]
ASKER = Asker("somebody", "R-1")


class Recorder:
    """Answers with the body; refuses those that say so; remembers which came together."""

    def __init__(self) -> None:
        self.groups: list[list[bytes]] = []

    def __call__(self, questions: Sequence[Question]) -> list[Made | Exception]:
        self.groups.append([question.body for question in questions])
        if any(question.body == b"broken" for question in questions):
            raise RuntimeError("broken")
        return [ValueError("no") if question.body == b"no" else Made(question.body, []) for question in questions]


async def ask(gatherer: Gatherer, body: bytes, sending: float = 0.0) -> bytes:
    async def send(made: Made) -> bytes:
        await asyncio.sleep(sending)
        return made.content

    return await gatherer.answered(Question(body, ASKER), send)


def together(gatherer: Gatherer, *bodies: bytes, sending: float = 0.0) -> list[Any]:
    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(ask(gatherer, body, sending) for body in bodies), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_those_that_wait_are_answered_in_one_call_in_their_order() -> None:
    work = Recorder()
    assert together(Gatherer(work), b"a", b"b", b"c") == [b"a", b"b", b"c"]
    assert work.groups == [[b"a", b"b", b"c"]]


def test_a_refusal_reaches_its_sender_alone() -> None:
    told = together(Gatherer(Recorder()), b"a", b"no", b"c")
    assert told[::2] == [b"a", b"c"]
    assert isinstance(told[1], ValueError)


def test_a_fault_of_the_work_reaches_all_and_the_next_are_answered() -> None:
    work = Recorder()
    gatherer = Gatherer(work)
    assert all(isinstance(one, RuntimeError) for one in together(gatherer, b"a", b"broken"))
    assert together(gatherer, b"b") == [b"b"]


@pytest.mark.parametrize(("most", "most_bytes", "sizes"), [(2, 99, [2, 2, 1]), (9, 4, [2, 2, 1])])
def test_a_group_has_a_limit(most: int, most_bytes: int, sizes: list[int]) -> None:
    work = Recorder()
    bodies = [b"a1", b"a2", b"a3", b"a4", b"a5"]
    assert together(Gatherer(work, most, most_bytes), *bodies) == bodies
    assert [len(group) for group in work.groups] == sizes


def test_those_that_come_while_answers_are_being_kept_wait_for_each_other() -> None:
    work = Recorder()
    gatherer = Gatherer(work)

    async def in_two_waves() -> list[bytes]:
        first = [asyncio.create_task(ask(gatherer, body, 0.01)) for body in (b"a", b"b")]
        await asyncio.sleep(0.002)
        second = [asyncio.create_task(ask(gatherer, body)) for body in (b"c", b"d")]
        return list(await asyncio.gather(*first, *second))

    assert asyncio.run(in_two_waves()) == [b"a", b"b", b"c", b"d"]
    assert work.groups == [[b"a", b"b"], [b"c", b"d"]]


def test_nobody_waits_for_ever_for_an_answer_that_is_not_sent() -> None:
    gatherer = Gatherer(Recorder())

    async def one_is_stuck() -> bytes:
        stuck = [asyncio.create_task(ask(gatherer, body, 30)) for body in (b"a", b"b")]
        await asyncio.sleep(0)
        try:
            return await asyncio.wait_for(ask(gatherer, b"c"), 5)
        finally:
            for one in stuck:
                one.cancel()

    assert asyncio.run(one_is_stuck()) == b"c"


def test_one_who_gave_up_is_left_out() -> None:
    work = Recorder()
    gatherer = Gatherer(work)

    async def one_gives_up() -> bytes:
        gone = asyncio.create_task(ask(gatherer, b"a"))
        await asyncio.sleep(0)
        gone.cancel()
        return await ask(gatherer, b"b")

    assert asyncio.run(one_gives_up()) == b"b"
    assert work.groups == [[b"b"]]


@pytest.fixture(scope="module")
def service(models_dir: Path) -> Service:
    made = Wiring(models_dir).service()
    made.champion.refresh()
    return made


def told(outcome: Made | Exception) -> Any:
    return outcome.content if isinstance(outcome, Made) else (type(outcome), str(outcome))


def alone(service: Service, body: bytes) -> Any:
    try:
        return service.one(body, ASKER).content
    except (RequestRefused, OtherModel) as error:
        return type(error), str(error)


def test_several_questions_get_the_bits_of_each_alone(service: Service, bodies: list[Body]) -> None:
    sent = [msgspec.json.encode(body) for body in bodies[:12]]
    sent += [sent[0], b"{", msgspec.json.encode(bodies[1] | {"model": "other"})]
    outcomes = service.several([Question(body, ASKER) for body in sent])
    assert [told(one) for one in outcomes] == [alone(service, body) for body in sent]
    assert sum(isinstance(one, Made) for one in outcomes) > 6
    assert isinstance(outcomes[13], RequestRefused)
    assert isinstance(outcomes[14], OtherModel)


def test_loans_of_one_number_of_two_borrowers_do_not_meet(service: Service, scorable: list[Body]) -> None:
    """Two lenders' systems may number alike: what is said of one is not said of the other."""
    first, second = scorable[0], scorable[1]
    other = msgspec.json.encode(second).replace(second["score"][0].encode(), first["score"][0].encode())
    sent = [msgspec.json.encode(first), other]
    outcomes = service.several([Question(body, ASKER) for body in sent])
    assert [told(one) for one in outcomes] == [alone(service, body) for body in sent]
    assert all(isinstance(one, Made) for one in outcomes)


@pytest.fixture(scope="module")
def scorable(service: Service, bodies: list[Body]) -> list[Body]:
    """Bodies whose loans were all known."""
    outcomes = service.several([Question(msgspec.json.encode(body), ASKER) for body in bodies[:40]])
    return [body for body, outcome in zip(bodies, outcomes, strict=False) if isinstance(outcome, Made)]


@pytest.fixture
def app_of(models_dir: Path, tmp_path: Path) -> Callable[[Journal], Any]:
    def make(journal: Journal) -> Any:
        memory = Memory(journal)
        backing = Backing(Wiring(models_dir).backing().door, journal, None, memory)
        service = Wiring(models_dir).service(memory=memory)
        service.champion.refresh()
        return create_app(service, 60, backing)

    return make


def test_requests_at_once_are_each_kept_under_their_own_id(
    app_of: Callable[[Journal], Any], scorable: list[Body], tmp_path: Path
) -> None:
    async def post_all(app: Any) -> list[Response]:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
            return list(
                await asyncio.gather(
                    *(
                        client.post("/v1/scores", json=body, headers={"x-request-id": f"R-{number}"})
                        for number, body in enumerate(scorable[:10])
                    )
                )
            )

    with Journal.open(tmp_path / "journal.db") as journal:
        answers = asyncio.run(post_all(app_of(journal)))
        assert [answer.status_code for answer in answers] == [200] * 10
        for number, (body, answer) in enumerate(zip(scorable, answers, strict=False)):
            scores = answer.json()["scores"]
            assert [one["loan_id"] for one in scores] == body["score"]
            for one in scores:
                kept = journal.one(Score, score_id=one["score_id"])
                assert kept is not None
                assert (kept.entry.request_id, kept.entry.loan_id) == (f"R-{number}", one["loan_id"])
            assert len(journal.page(Access, request_id=f"R-{number}").rows) == 1
        assert verify(journal).whole


def test_what_cannot_be_kept_is_told_to_each_sender(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.db")
    journal.close()
    outgoing = Outgoing(journal)
    access = Access(actor="a", role="r", method="GET", path="/", subject="", status=200, request_id="R-1")

    async def both() -> list[Any]:
        return await asyncio.gather(outgoing.write(access), outgoing.write(access), return_exceptions=True)

    assert [type(one) for one in asyncio.run(both())] == [JournalDown, JournalDown]
