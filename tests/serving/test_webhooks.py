"""Messages are signed, sent at least once, tried again, given up in the open, and never sent where they may not."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from book.errors import Refusal
from serving.journal import Journal
from serving.journal.verify import verify
from serving.webhooks.delivering import FIRST_WAIT, SECOND, Outbox, webhook_id
from serving.webhooks.endpoints import Endpoint, announcer, read_endpoints
from serving.webhooks.outbox import message, not_written
from serving.webhooks.sending import Sent, send
from serving.webhooks.signing import genuine, secret_of, signed

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NOON = 1_700_000_000 * SECOND


class Receiver:
    """A web server that keeps what it is sent and answers with `answers`, the last of them again and again."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers = [200]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0])
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(f"sqlite:///{tmp_path / 'journal.db'}", "test") as opened:
        yield opened


def endpoint(receiver: Receiver, **other: Any) -> Endpoint:
    return Endpoint("crm", receiver.url, KEY, **{"allow_http": True, "allow_private": True, **other})


def outbox_of(journal: Journal, receiver: Receiver, at: list[int], **other: Any) -> Outbox:
    made = Outbox.of(journal, [endpoint(receiver)])
    return replace(made, clock=lambda: at[0], chance=lambda: 1.0, **other)


def put(journal: Journal, fact: str = "A1") -> str:
    entry = message("crm", "alert.fired", fact, NOON, {"rule": "R01"}, "night")
    journal.write(entry).result()
    return entry.delivery_id


def test_a_signature_is_that_of_the_specification() -> None:
    key = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_changed_body_id_time_or_key_is_not_genuine() -> None:
    headers, now = signed(KEY, "msg_1", 1_000_000, b"{}"), 1_000_100
    assert genuine(KEY, headers, b"{}", now)
    assert not genuine(KEY, headers, b"{ }", now)
    assert not genuine(KEY[::-1], headers, b"{}", now)
    assert not genuine(KEY, headers | {"webhook-id": "msg_2"}, b"{}", now)
    assert not genuine(KEY, headers | {"webhook-timestamp": "1000001"}, b"{}", now)
    assert not genuine(KEY, headers, b"{}", now + 3_600)


def test_what_is_due_is_delivered_once_and_recorded(journal: Journal, receiver: Receiver) -> None:
    name = put(journal)
    outbox = outbox_of(journal, receiver, [NOON])
    assert outbox.deliver_due() == {"delivered": 1, "failed": 0, "dead": 0}
    assert outbox.deliver_due() == {"delivered": 0, "failed": 0, "dead": 0}
    headers, body = receiver.got[0]
    assert headers["webhook-id"] == name
    assert genuine(KEY, headers, body, NOON // SECOND)
    assert json.loads(body) == {
        "type": "alert.fired",
        "timestamp": "2023-11-14T22:13:20.000000Z",
        "data": {"rule": "R01"},
    }
    assert len(receiver.got) == 1


def test_failures_wait_longer_each_time_until_given_up_and_can_be_tried_again(
    journal: Journal, receiver: Receiver
) -> None:
    name, at = put(journal), [NOON]
    receiver.answers = [500]
    outbox = outbox_of(journal, receiver, at, attempts=3)
    waits = []
    for _ in range(3):
        outbox.deliver_due()
        assert not outbox.deliver_due()["failed"]  # not before its time
        story = journal.delivery(name)
        assert story is not None
        waits.append((story.life.next_at - at[0]) / SECOND)
        at[0] = max(story.life.next_at, at[0])
    assert waits[:2] == [FIRST_WAIT, 2 * FIRST_WAIT]
    assert [life.entry.delivery_id for life in journal.dead().rows] == [name] == outbox.given_up()
    receiver.answers = [204]
    again = outbox.retry(name)
    assert again is not None
    assert outbox.retry(name) is None
    assert outbox.deliver_due()["delivered"] == 1
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {webhook_id(again)} == {name}


def test_a_receiver_that_is_gone_is_asked_no_more(journal: Journal, receiver: Receiver) -> None:
    put(journal)
    receiver.answers = [410]
    assert outbox_of(journal, receiver, [NOON]).deliver_due()["dead"] == 1


def test_private_addresses_are_refused_unless_allowed(receiver: Receiver) -> None:
    sent = send(endpoint(receiver, allow_private=False), "msg_1", b"{}", 1)
    assert "private address 127.0.0.1" in sent.error
    assert receiver.got == []


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302]
    assert send(endpoint(receiver), "msg_1", b"{}", 1) == Sent(302, "answered 302")


def test_a_message_about_a_fact_is_known_by_its_id(journal: Journal) -> None:
    name = put(journal)
    assert not_written(journal, [name, "msg_new"]) == {"msg_new"}


def test_an_endpoint_hears_of_its_topics_and_of_grave_alerts_alone() -> None:
    one = Endpoint("crm", "https://crm.example/", KEY, ("alert.fired",), "O")
    announce = announcer([one], "night", lambda: NOON)
    assert not announce("alert.fired", "A1", {"severity": "Y"})
    assert len(announce("alert.fired", "A2", {"severity": "R"})) == 1
    assert not announce("tier.changed", "L1", {"was": "T1"})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('url = "http://crm.example/"', "allow_http"),
        ('url = "https://user:pw@crm.example/"', "no user, password"),
        ('url = "https://crm.example/"\ntopics = ["all"]', "alert.fired, tier.changed"),
        ('url = "https://crm.example/"\nleast_severity = "X"', "B, Y, O, R"),
        ('url = "https://crm.example/"\nsecret = "s"', "allowed: allow_http"),
    ],
)
def test_a_wrong_endpoint_is_refused(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(f'[[endpoint]]\nid = "crm"\nsecret_env = "CRM"\n{line}\n')
    with pytest.raises(Refusal, match=told):
        read_endpoints(file, {"CRM": SECRET})


def test_a_secret_that_is_missing_is_refused_by_the_name_of_its_variable(tmp_path: Path) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text('[[endpoint]]\nid = "crm"\nsecret_env = "CRM"\nurl = "https://crm.example/"\n')
    with pytest.raises(Refusal, match="environment variable CRM: not a webhook secret"):
        read_endpoints(file, {})
    (found,) = read_endpoints(file, {"CRM": SECRET})
    assert SECRET not in repr(found)
    assert str(KEY) not in repr(found)


PROGRAM = """
import os, signal, sys
from sqlalchemy import Connection
from serving.journal import Journal
from serving.webhooks.delivering import Outbox
from serving.webhooks.endpoints import Endpoint
from serving.webhooks.sending import send

point = sys.argv[3]


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def sending(*given):
    if point == "before":
        die()
    made = send(*given)
    if point == "sent":
        die()
    if point in ("recording", "recorded"):
        commit = Connection._commit_impl

        def committing(connection):
            if point == "recorded":
                commit(connection)
            die()

        Connection._commit_impl = committing
    return made


to = Endpoint("crm", sys.argv[2], bytes(range(32)), allow_http=True, allow_private=True)
with Journal.open(sys.argv[1], "webhooks") as journal:
    journal.write().result()  # its chain is taken
    Outbox(journal, {"crm": to}, send=sending).deliver_due()
"""


@pytest.mark.parametrize(("point", "times"), [("before", 1), ("sent", 2), ("recording", 2), ("recorded", 1)])
def test_killed_in_the_middle_it_is_sent_at_least_once_under_one_id(
    point: str, times: int, tmp_path: Path, journal: Journal, receiver: Receiver
) -> None:
    name = put(journal)
    program = tmp_path / "killed.py"
    program.write_text(PROGRAM)
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    killed = subprocess.run([sys.executable, program, url, receiver.url, point], timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert outbox_of(journal, receiver, [NOON]).deliver_due()["delivered"] == (point != "recorded")
    assert outbox_of(journal, receiver, [NOON]).deliver_due()["delivered"] == 0
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [name] * times
    story = journal.delivery(name)
    assert story is not None
    assert [kept.entry.outcome for kept in story.steps] == ["delivered"]
    assert verify(journal).whole
