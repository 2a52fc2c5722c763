"""Stands in front of the server: what Gradio offers and this page never asks for is not there.

What may be asked is weighed before anything is kept or computed: its size, whether it is JSON, whom it is for, and
how much the same visitor has asked for just now.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NoReturn

from gradio.blocks import Blocks
from starlette.datastructures import MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.models.knobs import shown
from explorer.ui.buckets import Buckets, address

# fetching foreign addresses, running ffmpeg, storing whole states, counting visitors, files that nobody reads
CLOSED = re.compile(
    r"/(monitoring\b|gradio_api/(proxy=|file[=/]|"
    r"(call/v2|deep_link|process_recording|upload|upload_progress|run|api|runs|run-history|stream|vibe)\b))",
    re.IGNORECASE,
)
EVENT, QUESTION = "/gradio_api/queue/join", "/gradio_api/component_server"
CALL = re.compile(r"/gradio_api/call/([^/]*)")
KIB = 1024
LONGEST_EVENT = 256 * KIB  # what a browser remembers of a visit, with twenty runs, has a fifth of that
LONGEST_QUESTION = 3072 * KIB  # a photo
SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
PIECE = 64 * KIB  # of a body: each counts as one thing more that was asked


class Refusal(ValueError):
    """Why a request goes no further."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Doors:
    """Whom a request may be meant for: events and components by number, public functions by name."""

    events: Collection[int]
    components: Collection[int]
    functions: Collection[str]

    @classmethod
    def of(cls, page: Blocks) -> Doors:
        """Those of a page that has been built."""
        public = {str(event.api_name) for event in page.fns.values() if event.api_visibility == "public"}
        return cls(page.fns, page.blocks, public)


class Guard:
    """ASGI middleware: lets by what the page may ask, and has browsers take every answer for what it says it is."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self.app, self.doors = app, doors
        self.visits = Buckets(burst=400, rate=80)  # a hand on a slider asks 60 times a second
        self.addresses = Buckets(burst=10_000, rate=1000)  # a school has one address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            await self._admit(scope, receive, marked)
        except Refusal as refusal:
            await PlainTextResponse(str(refusal), status_code=refusal.status)(scope, receive, marked)
        except ClientDisconnect:  # whoever asked has gone
            return

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Refusal for what may not be asked."""
        path = re.sub("/+", "/", inside(scope))
        if CLOSED.match(path):
            raise Refusal(404, "there is nothing here")
        is_json = scope["method"] == "POST" and path.startswith("/gradio_api/")
        app = self._weighed(path.rstrip("/")) if is_json else self.app
        limit = LONGEST_QUESTION if path.startswith(QUESTION) else LONGEST_EVENT
        await RequestBodyLimitMiddleware(app, limit)(scope, receive, send)  # a route may have another limit of its own

    def _weighed(self, path: str) -> ASGIApp:
        """The app behind a look at the body."""

        async def weighed(scope: Scope, receive: Receive, send: Send) -> None:
            body = await Request(scope, receive).body()
            try:
                self.weigh(path, read(body), address(scope), 1 + len(body) / PIECE)
            except Refusal as refusal:
                await PlainTextResponse(str(refusal), status_code=refusal.status)(scope, receive, send)
                return
            is_told = False

            async def again() -> Message:
                nonlocal is_told
                if is_told:
                    return await receive()
                is_told = True
                return {"type": "http.request", "body": body, "more_body": False}

            await self.app(scope, again, send)

        return weighed

    def weigh(self, path: str, asked: object, asker: str, cost: float) -> None:
        """Raises Refusal for a question that nobody here can answer, or one too many."""
        if not isinstance(asked, dict):
            raise Refusal(400, "the request must be a JSON object")
        visit = asked.get("session_hash")
        if visit is not None and not (isinstance(visit, str) and SESSION.fullmatch(visit)):
            raise Refusal(400, f"session_hash must be up to 64 letters, digits, _ or -, got {shown(visit)}")
        if asked.get("batched"):
            raise Refusal(400, "nothing here is asked in batches")
        named = CALL.fullmatch(path)
        if named and named[1] not in self.doors.functions:
            raise Refusal(404, f"there is no function {shown(named[1])}")
        if path == EVENT:
            known("fn_index", asked.get("fn_index"), self.doors.events)
        if path == QUESTION:
            known("component_id", asked.get("component_id"), self.doors.components)
        if not (self.visits.allows(f"{asker} {visit}", cost) and self.addresses.allows(asker, cost)):
            raise Refusal(429, "that was too much at once: try again in a moment")


def inside(scope: Scope) -> str:
    """The path as the routes see it: without the prefix under which the page is mounted, if it has one."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(prefix) :] if path.startswith(f"{prefix}/") else path


def known(name: str, number: object, those: Collection[int]) -> None:
    """Raises Refusal for a number that does not exist."""
    if isinstance(number, bool) or not isinstance(number, int) or number not in those:
        raise Refusal(404, f"{name} must be the number of one on this page, got {shown(number)}")


def read(body: bytes) -> Any:
    """The JSON of a body. Raises Refusal; also for NaN and infinities, which are no JSON."""
    try:
        return json.loads(body or b"{}", parse_constant=no_number, parse_float=finite)
    except Refusal:
        raise
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "the request is not valid JSON") from error


def no_number(text: str) -> NoReturn:
    """Raises Refusal."""
    raise Refusal(400, f"every number must be finite, got {text}")


def finite(text: str) -> float:
    """Raises Refusal for a number that a computer takes for infinity."""
    number = float(text)
    return number if math.isfinite(number) else no_number(text[:20])
