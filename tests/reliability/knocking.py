"""Asks a running explorer as no page would: raw JSON into any event, any component's function."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

NONSENSE = {  # of these no argument can mean anything; they are JSON texts, because Python would not write some of them
    "NaN": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "1e400": "1e400",
    "a billion": "1e9",
    "minus one": "-1",
    "zero": "0",
    "a broken number": "3.7",
    "true": "true",
    "a digit in quotes": '"8"',
    "null": "null",
    "a list": "[8]",
    "an object": "{}",
    "5,000 digits": "9" * 5000,
    "1 MB of text": '"' + "x" * 2**20 + '"',
    "200 kB of text": '"' + "x" * 200_000 + '"',
    "1,000 repeats": json.dumps(["cosine"] * 1000),
    "a deep list": "[" * 900 + "]" * 900,
    "a path": '"../../etc/passwd"',
    "a device": '"CON"',
    "a zero byte": '"a\\u0000b"',
    "right to left": '"a\\u202eb"',
    "other fields": '{"cell": -1, "index": 1e9, "id": "/etc/passwd", "own": 7, "do": [], "train": {}, "visit": []}',
    "lists in fields": '{"cell": [], "index": [], "id": [], "action": [], "variant": {}, "model": [], "train": []}',
}


@dataclass(frozen=True)
class Answer:
    """What came back: the status of the request, and whether the event failed, with its words."""

    status: int
    has_failed: bool
    text: str | None
    seconds: float = 0.0
    data: Any = None  # what an event answered

    @property
    def is_said(self) -> bool:
        """It was refused by a status, or by a sentence; or it was not refused, as some values mean something."""
        if self.status != 200:
            return 400 <= self.status < 500 and bool(self.text)
        return not self.has_failed or bool(self.text)


class Knocker:
    """A client of one server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, timeout=120)

    @cached_property
    def config(self) -> dict[str, Any]:
        """What the page is told of itself: components and events."""
        told: dict[str, Any] = self.client.get("config").json()
        return told

    @cached_property
    def components(self) -> dict[int, dict[str, Any]]:
        """By number."""
        return {one["id"]: one for one in self.config["components"]}

    @property
    def events(self) -> list[dict[str, Any]]:
        """Public, private and nameless ones."""
        events: list[dict[str, Any]] = self.config["dependencies"]
        return events

    def usual(self, event: dict[str, Any]) -> list[str]:
        """The values that a fresh page would send, as JSON texts."""
        inputs = [self.components[number] for number in event["inputs"]]
        return ["null" if one["type"] == "state" else json.dumps(one["props"].get("value")) for one in inputs]

    def told(self, event: dict[str, Any]) -> list[int]:
        """Which of an event's arguments come from the browser."""
        return [at for at, number in enumerate(event["inputs"]) if self.components[number]["type"] != "state"]

    def ask(self, event: int, arguments: Sequence[Sequence[str]]) -> list[Answer]:
        """Send the event with each of these lists of arguments, all in one fresh session; what came of each."""
        session = secrets.token_hex(8)
        sent: list[str | Answer] = [self._join(event, session, values) for values in arguments]
        waiting = {one for one in sent if isinstance(one, str)}
        came = dict(self._answers(session, waiting)) if waiting else {}
        return [came[one] if isinstance(one, str) else one for one in sent]

    def question(self, component: int, function: str, value: str) -> Answer:
        """Call a component's function."""
        body = f'{{"component_id": {component}, "fn_name": "{function}", "session_hash": "x", "data": {value}}}'
        answer = self.client.post("gradio_api/component_server", content=body, headers=JSON)
        words = answer.text if answer.status_code != 200 else said(answer.json())
        return Answer(answer.status_code, words is not None, words, answer.elapsed.total_seconds())

    def _join(self, event: int, session: str, values: Sequence[str]) -> str | Answer:
        body = f'{{"fn_index": {event}, "session_hash": "{session}", "data": [{", ".join(values)}]}}'
        answer = self.client.post("gradio_api/queue/join", content=body, headers=JSON)
        if answer.status_code != 200:
            return Answer(answer.status_code, True, answer.text, answer.elapsed.total_seconds())
        event_id: str = answer.json()["event_id"]
        return event_id

    def _answers(self, session: str, waiting: set[str]) -> Iterator[tuple[str, Answer]]:
        with self.client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line[6:]) if line.startswith("data: ") else {}
                if message.get("msg") == "process_completed" and message["event_id"] in waiting:
                    waiting.discard(message["event_id"])
                    has_failed = not message["success"]
                    yield (
                        message["event_id"],
                        Answer(200, has_failed, message["output"].get("error"), data=message["output"].get("data")),
                    )
                if not waiting:
                    return


JSON = {"Content-Type": "application/json"}


def said(answer: Any) -> str | None:
    """The sentence in a function's answer, if it is one."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, str) else None
