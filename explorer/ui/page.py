"""What views build on: the server's shared side, this visitor's session, and events whose failures are said."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from explorer.ui.desk import Desk
from explorer.ui.explorer import Explorer
from explorer.ui.session import Session

log = logging.getLogger(__name__)

Event = Callable[..., Any]
Change = Callable[[Any, Session], Session]  # what a visitor did, and where he or she was -> where now
FRIENDLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
LOOKING: dict[str, Any] = {"concurrency_limit": 8, "concurrency_id": "look", **FRIENDLY}
EVERYWHERE = ""


@dataclass(frozen=True)
class Ear:
    """An event that changes the session, and the view in which it happens; EVERYWHERE if that may be any."""

    event: Event
    component: Block
    change: Change
    view: str


class Page:
    """Handed to every view's ``build``."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.session = gr.State(Session())
        self.desk = gr.State(Desk())
        self.building = EVERYWHERE  # the view that is being built
        self.ears: list[Ear] = []

    def on(self, event: Event, component: Block, change: Change, *, anywhere: bool = False) -> None:
        """When the event comes, ``change`` gets the component's value and answers the new session; the view follows.

        ``anywhere``: by then the visitor may have gone to another view.
        """
        self.ears.append(Ear(event, component, change, EVERYWHERE if anywhere else self.building))

    def when(
        self,
        events: Event | Sequence[Event],
        work: Callable[..., Any],
        inputs: Sequence[Block] = (),
        outputs: Sequence[Block] = (),
    ) -> None:
        """When one of the events comes, ``work(current, *values)`` says what the outputs show; the session stays."""

        def answer(session: Session, *values: Any) -> Any:
            answers = work(self.explorer.current(session), *values)
            return answers if len(outputs) > 1 else answers[0]  # as Gradio wants it

        for event in [events] if callable(events) else events:
            event(said(answer), [self.session, *inputs], list(outputs), trigger_mode="always_last", **LOOKING)


def said(work: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose failures reach the visitor as a sentence: its own words, or a reference into the log."""

    def careful(*values: Any) -> Any:
        try:
            return work(*values)
        except gr.Error:
            raise
        except (ValueError, OSError) as error:
            raise gr.Error(f"{error}", print_exception=False) from error
        except Exception as error:
            raise unexpected(error) from error

    return careful


def unexpected(error: Exception) -> gr.Error:
    """What a visitor reads of a failure that nobody foresaw; the log has the rest under the same reference."""
    reference = secrets.token_hex(3)
    log.error("a handler failed, reference %s", reference, exc_info=error)
    return gr.Error(f"Something went wrong here (reference {reference}).", print_exception=False)
