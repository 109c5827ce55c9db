"""Figures of the service for Prometheus, at /metrics: requests, times, the champion's age.

`journal_metrics` adds those of the journal. Paths are those of the routes, never with ids in them. Each worker process
answers for itself.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.backing import Backing
from serving.champion import Champion
from serving.journal_metrics import JournalMetrics
from serving.logs import REQUEST

log = logging.getLogger("loanwatch.requests")
PATH: Final = "/metrics"
BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.03, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Counts requests on their way through, and answers /metrics."""

    def __init__(self, app: ASGIApp, champion: Champion, backing: Backing) -> None:
        self._app, self._champion = app, champion
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "loanwatch_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "loanwatch_request_seconds", "Time to answer.", ("route",), buckets=BUCKETS, registry=self.registry
        )
        self._age = Gauge("loanwatch_champion_age_seconds", "Since the champion was written.", registry=self.registry)
        self._ready = Gauge("loanwatch_champion_ready", "1 where a champion answers.", registry=self.registry)
        self._refused = Gauge(
            "loanwatch_champion_refused", "1 where a newer champion was refused.", registry=self.registry
        )
        self._kept = JournalMetrics(self.registry, backing.journal)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer /metrics, or pass a request on and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == PATH and scope["method"] == "GET":
            content = await run_in_threadpool(self._text)
            await Response(content, media_type=CONTENT_TYPE_LATEST)(scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.perf_counter(), 500
        REQUEST.set(str(scope.get("state", {}).get("request_id", "")))

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._requests.labels(scope["method"] if route != "none" else "any", route, status).inc()
            taken = time.perf_counter() - began
            self._seconds.labels(route).observe(taken)
            if log.isEnabledFor(logging.INFO):
                told = {"route": route, "method": scope["method"], "status": status}
                log.info("answered", extra=told | {"milliseconds": round(taken * 1e3, 2)})

    def _text(self) -> bytes:
        state = self._champion.state
        self._ready.set(state.scorer is not None)
        self._refused.set(state.refused is not None)
        try:
            self._age.set(max(0.0, time.time() - self._champion.pointer.stat().st_mtime))
        except OSError:
            self._age.set(float("nan"))
        self._kept.ask()
        return generate_latest(self.registry)
