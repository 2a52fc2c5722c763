"""Figures for Prometheus, at ``/metrics`` where ``EXPLORER_METRICS=1`` asks for them. They tell of nobody in person."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import anyio.to_thread
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client import generate_latest as worded
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.ui.explorer import Explorer

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
HEARTBEAT = "/heartbeat/"  # a request that each open page holds open


class Metrics:
    """Counters of one server, and what is read off the explorer when somebody asks."""

    def __init__(self, explorer: Explorer) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # resident memory, processor time, open files
        own: dict[str, Any] = {"registry": self.registry, "namespace": "explorer"}
        self.requests = Counter("requests", "Answered HTTP requests", ["status"], **own)
        self.errors = Counter("errors", "Lines in the log of level error", **own)
        self.events = Histogram(
            "event_seconds",
            "Work on an event, or on one step of a long one, without its wait in the queue",
            buckets=SECONDS,
            **own,
        )
        self.visitors = Gauge("visitors", "Open pages", **own)
        Gauge("jobs_waiting", "Trainings in the queue", **own).set_function(lambda: explorer.jobs.load()[0])
        Gauge("jobs_running", "Trainings at work", **own).set_function(lambda: explorer.jobs.load()[1])
        Gauge("store_bytes", "Visitors' models on the disk", **own).set_function(lambda: stored(explorer))

    def route(self) -> Route:
        """The address of the figures."""

        async def answer(_: Request) -> Response:
            return Response(await anyio.to_thread.run_sync(worded, self.registry), media_type=CONTENT_TYPE_LATEST)

        return Route("/metrics", answer)


class CountedErrors(logging.Handler):
    """Counts what goes into the log as an error."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.ERROR)
        self.metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.metrics.errors.inc()


class CountedRequests:
    """ASGI middleware: counts answers by status, and the pages that are open."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.metrics.requests.labels(message["status"]).inc()
            await send(message)

        page = int(HEARTBEAT in scope["path"])
        self.metrics.visitors.inc(page)
        try:
            await self.app(scope, receive, counted)
        finally:
            self.metrics.visitors.dec(page)


def stored(explorer: Explorer) -> int:
    """Bytes of the models that visitors have trained or brought."""
    total = 0
    for file in explorer.gallery.store.folder.iterdir():
        with suppress(FileNotFoundError):  # evicted meanwhile
            total += file.stat().st_size
    return total
