"""What views build on: the server's shared side, this visitor's session, and events whose failures are said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import anyio
import anyio.to_thread
import gradio as gr
from gradio.blocks import Block

from explorer.ui import buckets
from explorer.ui.components.memory import Memory
from explorer.ui.desk import Desk
from explorer.ui.explorer import Explorer
from explorer.ui.failure import in_words, told
from explorer.ui.session import Session
from explorer.ui.view import View
from explorer.ui.visit import Visit, handler

Event = Callable[..., Any]
Change = Callable[[Any, Session], Session]  # what a visitor did, and where he or she was -> where now
# Nothing wears Gradio's sign of loading: at every event the page would copy all that ever wore it.
FRIENDLY: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": [], "api_visibility": "private"}
LOOKING: dict[str, Any] = {"concurrency_limit": 8, "concurrency_id": "look", **FRIENDLY}
STORED = "explorer-visit"  # under this name in the browser


@dataclass(frozen=True)
class Ear:
    """An event that changes the session, and the view in which it happens; None if that may be any."""

    event: Event
    component: Block
    change: Change
    view: View | None


@dataclass(frozen=True)
class Greeting:
    """What is shown, besides the first view, when a page has come: ``work(told by the browser, desk)`` says it."""

    work: Callable[[dict[str, Any], Desk], list[Any]]
    outputs: list[Block]


class Page:
    """Handed to every view's ``build``."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.visit = gr.State(Visit())
        self.desk = gr.State(Desk())
        self.memory = Memory(key=STORED, server=explorer.name)
        self.building: View | None = None  # the view that is being built
        self.ears: list[Ear] = []
        self.greetings: list[Greeting] = []

    def on(self, event: Event, component: Block, change: Change, *, anywhere: bool = False) -> None:
        """When the event comes, ``change`` gets the component's value and answers the new session; the view follows.

        ``anywhere``: by then the visitor may have gone to another view.
        """
        self.ears.append(Ear(event, component, change, None if anywhere else self.building))

    def when(
        self,
        events: Event | Sequence[Event],
        work: Callable[..., Any],
        inputs: Sequence[Block] = (),
        outputs: Sequence[Block] = (),
        *,
        view: View | None = None,
        every: bool = False,
    ) -> None:
        """When one of the events comes, ``work(current, *values)`` says what the outputs show; the session stays.

        While an answer is on its way, the page keeps the events back and sends the last of them; ``every`` one is
        sent at once where an answer could overwrite the value that is kept back. Nothing is shown where the model has
        been changed meanwhile to one that the ``view`` cannot have; without, it is the view that is being built.
        """
        inside = view or self.building

        def show(visit: Visit, *values: Any) -> list[Any]:
            current = self.explorer.current(visit.session)
            memory = gr.skip() if visit.session.has_arrived else forgotten(visit)
            if inside is not None and inside.lacking(current.exhibit.model):
                return [memory, *(gr.skip() for _ in outputs)]
            return [memory, *work(current, *values)]

        mode: Any = "multiple" if every else "always_last"
        heard, shown = [self.visit, *inputs], [self.memory, *outputs]
        gr.on(events, handler(show, shown), heard, shown, trigger_mode=mode, **LOOKING)

    def answering(
        self, work: Callable[[Explorer, object], Any], name: str, limiter: anyio.CapacityLimiter | None = None
    ) -> Callable[[Any], Awaitable[Any]]:
        """A component's server function, under the ``name`` that the browser calls: ``work(explorer, asked)``.

        It runs in a thread; ``limiter``: how many may be at that work at once.
        """

        async def answer(asked: Any) -> Any:
            try:
                return await anyio.to_thread.run_sync(work, self.explorer, asked, limiter=limiter)
            except Exception as error:  # noqa: BLE001  it goes into the log
                return {"error": in_words(error)}

        answer.__name__ = name
        return answer


def forgotten(visit: Visit) -> dict[str, Any]:
    """What the page's memory is told by a server that does not know whose page it is."""
    return gr.update(forgotten=visit.events)


def said(work: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose failures reach the visitor as a sentence: its own words, or a reference into the log."""

    @wraps(work)
    def careful(*values: Any) -> Any:
        try:
            return work(*values)
        except Exception as error:
            raise told(error) from error

    return careful


def address(request: gr.Request) -> str:
    """Where an event comes from, as far as that can be trusted."""
    return buckets.address(request.request.scope) if request.request is not None else ""
