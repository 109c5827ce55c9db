"""What a busy day sends to the service, mixed: scores, batches, events, alerts, contacts, loans, pages of the desk."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.borrower import body

KINDS = {"score": 58, "batch": 3, "event": 12, "alerts": 6, "step": 5, "contact": 6, "loan": 6, "queue": 2, "work": 1,
         "report": 1}  # fmt: skip
"""Of a hundred requests, how many are of each kind."""
NAMES = {"score": "score", "batch": "batch of four", "event": "event", "alerts": "open alerts", "step": "alert closed",
         "contact": "contact guard", "loan": "loan", "queue": "queue", "work": "desk: queue",
         "report": "desk: loan report"}  # fmt: skip
BORROWERS, TOGETHER = 64, 4
ALERTS = "/v1/alerts?status=open&limit=50"
Request = tuple[str, str, bytes]


@dataclass
class Count:
    """What was answered: requests by kind, seconds, ids of scores, and everything that was no plain success."""

    asked: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    by_kind: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    scores: int = 0
    events: int = 0
    errors: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: str, seconds: float, status: int, content: bytes) -> None:
        """Count one answer."""
        told = json.loads(content) if status == 200 and kind in ("score", "batch", "event") else {}
        given = [told, *told.get("results", [])]
        with self._lock:
            self.asked[kind] += 1
            self.seconds.append(seconds)
            self.by_kind[kind].append(seconds)
            self.scores += sum(len(one.get("scores", [])) for one in given)
            self.events += sum(1 for one in told.get("events", []) if one["rows"])
            if status != 200:
                self.errors.append(f"{kind}: {status} {content[:200].decode(errors='replace')}")
            self.errors += [f"{kind}: {one['problem']}" for one in given if "problem" in one]

    def fail(self, kind: str, error: Exception) -> None:
        """Count a request that was not answered."""
        with self._lock:
            self.errors.append(f"{kind}: {type(error).__name__}: {error}")


class Traffic:
    """Makes requests, each of another borrower, loan or alert; `loans` are those of the night, `day` the one after."""

    def __init__(self, loans: list[str], day: str, seed: int = 7) -> None:
        self._chance = random.Random(seed)
        self._loans, self._day, self._numbers = loans, day, itertools.count()
        self._bodies = [body(number) for number in range(1, BORROWERS + 1)]
        self._open: list[str] = []
        self._closed: set[str] = set()
        self.cookie = ""
        self._lock = threading.Lock()
        self._make: dict[str, Callable[[int], Request]] = {
            "score": self._score, "batch": self._batch, "event": self._event, "alerts": self._alerts,
            "step": self._step, "contact": self._contact, "loan": self._held, "queue": self._queue,
            "work": self._work, "report": self._report,
        }  # fmt: skip

    def next(self) -> tuple[str, Request]:
        """The next request and its kind."""
        with self._lock:
            (kind,) = self._chance.choices(list(KINDS), list(KINDS.values()))
            return kind, self._make[kind](next(self._numbers))

    def saw(self, content: bytes) -> None:
        """Take up the open alerts of a page."""
        with self._lock:
            seen = [one["alert_id"] for one in json.loads(content)["alerts"]]
            self._open = [name for name in seen if name not in self._closed]

    def _score(self, n: int) -> Request:
        return "POST", "/v1/scores", self._bodies[n % BORROWERS]

    def _batch(self, n: int) -> Request:
        some = b",".join(self._bodies[(n + k) % BORROWERS] for k in range(TOGETHER))
        return "POST", "/v1/scores/batch", b'{"requests": [' + some + b"]}"

    def _event(self, n: int) -> Request:
        status = "posted" if n % 3 else "failed"
        row = {"payment_id": f"SOAK-{n}", "loan_id": self._chance.choice(self._loans), "paid_on": self._day,
               "amount": "25.00", "status": status}  # fmt: skip
        return "POST", "/v1/events", json.dumps({"tables": {"payments": [row]}}).encode()

    def _alerts(self, _: int) -> Request:
        return "GET", ALERTS, b""

    def _step(self, n: int) -> Request:
        if not self._open:
            return self._alerts(n)
        alert = self._open.pop(self._chance.randrange(len(self._open)))
        self._closed.add(alert)
        said = {"reason": f"soak {n}", "outcome": "cured"}
        return "POST", f"/v1/alerts/{alert}/close", json.dumps(said).encode()

    def _contact(self, n: int) -> Request:
        asked = {"loan_id": self._chance.choice(self._loans), "channel": "call", "contact_point_id": f"P-{n % 500}"}
        return "POST", "/v1/guard/contact", json.dumps(asked).encode()

    def _held(self, _: int) -> Request:
        return "GET", f"/v1/loans/{self._chance.choice(self._loans)}", b""

    def _queue(self, _: int) -> Request:
        return "GET", "/v1/queue?capacity=50", b""

    def _work(self, _: int) -> Request:
        return "GET", "/desk/queue", b""

    def _report(self, _: int) -> Request:
        return "GET", f"/desk/loans/{self._chance.choice(self._loans)}", b""


def signed_in(port: int) -> str:
    """The cookie of an officer of a demonstration."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/desk/sign-in", "role=officer", {"content-type": "application/x-www-form-urlencoded"})
    given = connection.getresponse().getheader("set-cookie", "")
    connection.close()
    if not given:
        raise SystemExit("the desk let no officer in")
    return given.partition(";")[0]


def send(port: int, traffic: Traffic, count: Count, due: Callable[[], float | None]) -> None:
    """One client: a request whenever one is due, until none is; one that is late is sent at once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while (at := due()) is not None:
        time.sleep(max(0.0, at - time.monotonic()))
        kind, (method, path, content) = traffic.next()
        began = time.monotonic()
        try:
            headers = {"content-type": "application/json"} if content else {"cookie": traffic.cookie}
            connection.request(method, path, content or None, headers)
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as error:
            count.fail(kind, error)
            connection.close()
            continue
        count.take(kind, time.monotonic() - began, answer.status, told)
        if answer.status == 200 and path == ALERTS:
            traffic.saw(told)
    connection.close()
