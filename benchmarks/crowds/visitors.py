"""Visitors without a browser, who ask a running explorer what the page's own scripts would ask."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import random
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

ARRIVING_AT_ONCE = 10
PATIENCE = 120  # seconds for one answer; whoever waits longer has met an error
TLS = ssl.create_default_context()  # making one takes longer than any request
MODEL, CODE_SIZE = "variational-2d", 2
DIGIT = base64.b64encode(bytes(784)).decode()
TRAINING = ["convolutional", {}, {"epochs": 5}]


class Site:
    """What a page is told of itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        config = httpx.get(f"{url}config", timeout=60).json()
        self.components: dict[int, dict[str, Any]] = {one["id"]: one for one in config["components"]}
        self.events: list[dict[str, Any]] = config["dependencies"]

    def event(self, name: str, kind: str = "input") -> dict[str, Any]:
        """The first event of this kind on a component of our own with this script, or on one with this label."""
        for event in self.events:
            for number, what in event["targets"]:
                if what == kind and self._is_called(self.components.get(number), name):
                    return event
        raise LookupError(f"the page has no {kind} on {name}")

    def function(self, name: str) -> int:
        """The number of the component with this server function."""
        return next(n for n, one in self.components.items() if name in (one["props"].get("server_fns") or []))

    def data(self, event: dict[str, Any], *values: Any) -> list[Any]:
        """The event's inputs: these values first, then what a fresh page would send; None for the server's own."""
        given: Iterator[Any] = iter(values)
        inputs = [self.components[number] for number in event["inputs"]]
        return [
            None if one["type"] == "state" else next(given, one["props"].get("value"))  # the browser's, in their order
            for one in inputs
        ]

    @staticmethod
    def _is_called(component: dict[str, Any] | None, name: str) -> bool:
        props = component["props"] if component else {}
        return props.get("label") == name or f"/{name}.js" in (props.get("js_on_load") or "")


@dataclass
class Tally:
    """How long the moves took, in milliseconds, and what went wrong."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    @contextlib.asynccontextmanager
    async def timed(self, what: str = "") -> AsyncIterator[None]:
        """One move: its time, or its error."""
        start = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                yield
        except (httpx.HTTPError, OSError, ValueError) as error:
            self.errors.append(f"{what} {type(error).__name__}: {error}"[:200])
        else:
            self.times.append(1000 * (time.perf_counter() - start))
            self.slowest = max(self.slowest, (self.times[-1], what))

    def late(self, share: float) -> float:
        """Below it lies this share of the times."""
        return sorted(self.times)[int(share * len(self.times))] if self.times else float("inf")


class Visitor:
    """One open page."""

    def __init__(self, site: Site, number: int, client: httpx.AsyncClient | None = None) -> None:
        self.site, self.session, self.chance = site, secrets.token_hex(6), random.Random(number)  # noqa: S311
        self.client = client or httpx.AsyncClient(base_url=site.url, verify=TLS, trust_env=False, timeout=60)
        self.line: asyncio.StreamWriter | None = None

    async def arrive(self) -> None:
        """The first view, and the line that every page keeps open."""
        _, self.line = await sent(self.site.url, f"GET /gradio_api/heartbeat/{self.session} HTTP/1.1\r\n", "\r\n")
        await self.event(self.site.event("memory"), {"visit": None, "server": None})

    async def leave(self) -> None:
        """Close the tab."""
        if self.line:
            self.line.close()
        await self.client.aclose()

    async def move(self, tally: Tally) -> None:
        """Turn something: a point of a map, a slider that the server answers at once, another digit, a question."""
        turn = self.chance.choices(
            [self.point, self.decode, self.damage, self.squeeze, self.digit, self.slider, self.public],
            [4, 2, 2, 1, 1, 1, 1],
        )[0]
        async with tally.timed(turn.__name__):
            await turn()

    async def point(self) -> None:
        x, y = (self.chance.uniform(-2, 2) for _ in "xy")
        answer = await self.client.get(f"explorer/point/{MODEL}/code?x={x:.4f}&y={y:.4f}")
        answer.raise_for_status()

    async def decode(self) -> None:
        await self.ask("decode", [MODEL, [self.chance.gauss(0, 1) for _ in range(CODE_SIZE)]])

    async def damage(self) -> None:
        panel = self.site.components[self.site.function("damage")]["props"]["value"]
        await self.ask("damage", [MODEL, DIGIT, {**panel, "noise": self.chance.randrange(100) / 100}])

    async def squeeze(self) -> None:
        await self.ask("squeeze", [MODEL, DIGIT, self.chance.randint(1, 16)])

    async def digit(self) -> None:
        await self.event(self.site.event("strip"), {"index": self.chance.randrange(1000)})

    async def slider(self) -> None:
        await self.event(self.site.event("Temperature"), self.chance.randint(1, 20) / 10)

    async def public(self) -> None:
        async for _ in self.call("decode", [MODEL, [self.chance.gauss(0, 1) for _ in range(CODE_SIZE)]]):
            pass

    async def open(self, tab: str) -> None:
        """Go to a view."""
        await self.event(self.site.event(tab, "select"))

    async def join(self, event: dict[str, Any], *values: Any) -> str:
        """Put an event into the queue: its id."""
        data = self.site.data(event, *values)
        body = {"fn_index": event["id"], "session_hash": self.session, "data": data, "trigger_id": None}
        answer = await self.client.post("gradio_api/queue/join", json=body)
        answer.raise_for_status()
        return str(answer.json()["event_id"])

    async def event(self, event: dict[str, Any], *values: Any) -> None:
        """An event of the page, through the queue. Raises ValueError if it fails."""
        number = await self.join(event, *values)
        async with self.client.stream("GET", f"gradio_api/queue/data?session_hash={self.session}") as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data: ") or '"process_completed"' not in line:
                    continue
                message = json.loads(line[6:])
                if message.get("event_id") == number:
                    if not message["success"]:
                        raise ValueError(str(message["output"].get("error")))
                    return
        raise ValueError("the stream ended before the answer")

    async def ask(self, function: str, data: Any) -> None:
        """A component's server function. Raises ValueError for a sentence in the place of an answer."""
        number = self.site.function(function)
        body = {"session_hash": self.session, "component_id": number, "fn_name": function, "data": data}
        answer = await self.client.post("gradio_api/component_server", json=body)
        answer.raise_for_status()
        if isinstance(told := answer.json(), dict) and told.get("error"):
            raise ValueError(str(told["error"]))

    async def call(self, name: str, data: list[Any]) -> AsyncIterator[Any]:
        """What a public function says, one after the other. Raises ValueError if it fails."""
        answer = await self.client.post(f"gradio_api/call/{name}", json={"data": data})
        answer.raise_for_status()
        way = f"gradio_api/call/{name}/{answer.json()['event_id']}"
        async with self.client.stream("GET", way, timeout=None) as stream:
            kind = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: ") and kind == "error":
                    raise ValueError(line[6:])
                elif line.startswith("data: ") and kind in ("generating", "complete"):
                    yield json.loads(line[6:])


async def sent(url: str, start: str, end: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of one's own on which a request was sent: its first line, the host, and what else there is."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"{start}Host: {place.netloc}\r\n{end}".encode())
    await writer.drain()
    return reader, writer


@contextlib.asynccontextmanager
async def arrived(site: Site, number: int) -> AsyncIterator[list[Visitor]]:
    """So many visitors with the first view before them; they leave in the end."""
    visitors, door = [Visitor(site, one) for one in range(number)], asyncio.Semaphore(ARRIVING_AT_ONCE)

    async def through(visitor: Visitor) -> None:
        async with door, asyncio.timeout(PATIENCE):
            await visitor.arrive()

    try:
        await asyncio.gather(*(through(visitor) for visitor in visitors))
        yield visitors
    finally:
        await asyncio.gather(*(visitor.leave() for visitor in visitors))


@contextlib.asynccontextmanager
async def training(site: Site, number: int, tally: Tally) -> AsyncIterator[None]:
    """So many trainings one after the other, all the time; each is at work before it begins, and they are stopped."""
    pupils = [Visitor(site, -1 - one) for one in range(number)]
    begun = [asyncio.Event() for _ in pupils]

    async def train(visitor: Visitor, has_begun: asyncio.Event) -> None:
        try:
            while True:
                async for (answer,) in visitor.call("train", TRAINING):
                    if answer["state"] == "running":
                        has_begun.set()
        except (httpx.HTTPError, ValueError) as error:
            tally.errors.append(f"training: {error}"[:200])
            has_begun.set()

    tasks = [asyncio.create_task(train(*pair)) for pair in zip(pupils, begun, strict=True)]
    try:
        await asyncio.wait_for(asyncio.gather(*(one.wait() for one in begun)), PATIENCE)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(pupil.leave() for pupil in pupils))


async def moving(visitors: list[Visitor], pause: float, seconds: float, tally: Tally) -> None:
    """Each visitor moves once every ``pause`` seconds, and waits for the answer before the next move."""
    start = time.monotonic()

    async def play(visitor: Visitor, offset: float) -> None:
        due = start + offset
        while due < start + seconds:
            await asyncio.sleep(due - time.monotonic())
            await visitor.move(tally)
            due = max(due + pause, time.monotonic())

    await asyncio.gather(*(play(one, pause * at / len(visitors)) for at, one in enumerate(visitors)))
