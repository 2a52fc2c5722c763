"""One open page: where its visitor is, and what its events show, in which none overwrites what a later one has shown.

A visitor's events come in their order, but what they show takes its time, and so the first of two quick moves may be
ready last. Each event therefore changes the session when its turn comes, before it shows anything.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import anyio.to_thread
import gradio as gr
from gradio.blocks import Block

from explorer.ui.failure import told
from explorer.ui.session import Session

Handler = Callable[..., Coroutine[Any, Any, Any]]


class Visit:
    """Lives in the page's state on the server and is changed in place; every open page has one of its own."""

    def __init__(self) -> None:
        self.session = Session()
        self.front = ""  # the view in front; empty for the first
        self.fronts: dict[str, str] = {}  # by place, the view that was in front there last
        self._moving = threading.Lock()
        self.events = 0  # so many have come
        self.turn = asyncio.Lock()  # who comes first is served first
        self.busy = defaultdict[object, asyncio.Lock](asyncio.Lock)  # by handler: one of its kind shows at a time
        self.newest: dict[object, int] = {}  # by handler, the last event that has had its turn
        self.shown: dict[int, int] = {}  # by component, the last event that changed it

    def __deepcopy__(self, memo: dict[int, Any]) -> Visit:
        """What Gradio gives to each page that is opened."""
        return Visit()

    def move(self, change: Callable[[Session], Session]) -> None:
        """Go on from where the visitor is by now."""
        with self._moving:
            self.session = change(self.session)

    def still_wanted(self, event: int, outputs: Sequence[Block], answers: Sequence[Any]) -> list[Any]:
        """The event's answers for the outputs, without those that a later event has overtaken."""
        kept = []
        for output, answer in zip(outputs, answers, strict=True):
            is_skip = isinstance(answer, dict) and answer == gr.skip()
            if is_skip or self.shown.get(output._id, 0) > event:
                kept.append(gr.skip())
            else:
                self.shown[output._id] = event
                kept.append(answer)
        return kept


def handler(
    show: Callable[..., list[Any]], outputs: Sequence[Block], change: Callable[..., None] | None = None
) -> Handler:
    """For the outputs of an event: ``change(visit, *values)`` when its turn comes, then ``show(visit, *values)``.

    Both run in threads. What need not be shown, because the same event has come again, is skipped. A failure reaches
    the visitor as a sentence: its own words, or a reference into the log.
    """

    async def handle(visit: Visit, *values: Any) -> Any:
        visit.events += 1
        event = visit.events
        try:
            async with visit.turn:
                if change:
                    await anyio.to_thread.run_sync(partial(change, visit, *values))
            visit.newest[handle] = event
            async with visit.busy[handle]:
                answers: Sequence[Any] = [gr.skip() for _ in outputs]
                if visit.newest[handle] == event:
                    answers = await anyio.to_thread.run_sync(partial(show, visit, *values))
        except Exception as error:
            raise told(error) from error
        wanted = visit.still_wanted(event, outputs, answers)
        return wanted if len(outputs) > 1 else wanted[0]  # as Gradio wants it

    return handle
