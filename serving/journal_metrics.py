"""Figures of the journal for Prometheus: what was written and how long that took, what waits, what stands open."""

from __future__ import annotations

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from serving.journal import Journal, JournalDown, Receipt
from serving.journal.counting import deliveries, open_alerts
from serving.journal.entries import DEAD, PENDING
from serving.journal.pen import Outcomes

SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
STALE: Final = 10.0
"""Seconds for which counts over the whole journal are used again."""


class JournalMetrics:
    """Watches the writer of this process, and counts what stands in the journal when it is asked."""

    def __init__(self, registry: CollectorRegistry, journal: Journal | None) -> None:
        self._journal, self._counted = journal, -STALE

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"loanwatch_{name}", what, labels, registry=registry)

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"loanwatch_{name}", what, labels, registry=registry)

        self._healthy = gauge("journal_healthy", "1 where the journal can be used.")
        self._queue = gauge("journal_queue", "Answers that wait to be written by this process.")
        self._alerts = gauge("alerts_open", "Alerts that wait for somebody.", "rule", "severity")
        self._messages = gauge("messages", "Messages to other systems that wait, or were given up.", "status")
        self._scores = counter("scores", "Scores written by this process.", "status", "source")
        self._fired = counter("alerts_fired", "Alerts written by this process.", "rule", "severity")
        self._seconds = Histogram(
            "loanwatch_journal_write_seconds", "Time of a transaction.", buckets=SECONDS, registry=registry
        )
        if journal is not None:
            journal.watch(self._written)

    def _written(self, seconds: float, outcomes: Outcomes) -> None:
        """Count a transaction that was committed."""
        self._seconds.observe(seconds)
        for submission, receipt in outcomes:
            if not isinstance(receipt, Receipt):
                continue
            for entry, place in zip(submission.entries, receipt.places, strict=False):
                columns = entry.columns
                if place and entry.kind.name == "score":
                    self._scores.labels(columns["status"], columns["source"]).inc()
                elif place and entry.kind.name == "alert":
                    self._fired.labels(columns["rule"], columns["severity"]).inc()

    def ask(self) -> None:
        """Bring the figures up to date."""
        if self._journal is None:
            self._healthy.set(0)
            return
        self._healthy.set(self._journal.healthy() is None)
        self._queue.set(self._journal.waiting)
        if time.monotonic() - self._counted >= STALE:
            self._count(self._journal)

    def _count(self, journal: Journal) -> None:
        try:
            alerts, messages = open_alerts(journal), deliveries(journal)
        except JournalDown:
            self._healthy.set(0)
            self._alerts.clear()
            self._messages.clear()
            return
        self._counted = time.monotonic()
        self._alerts.clear()
        for (rule, severity), n in alerts.items():
            self._alerts.labels(rule, severity).set(n)
        for status in (PENDING, DEAD):
            self._messages.labels(status).set(messages.get(status, 0))
