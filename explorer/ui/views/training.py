"""Train, Run: the knobs of the variant, and its training as it happens."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
from gradio.blocks import Block

from explorer.models.registry import named
from explorer.training.jobs import UnknownJob
from explorer.training.runs import MOMENT_IMAGES, RunSpec, one_of_each
from explorer.ui.components.knob_panel import KnobPanel
from explorer.ui.components.training_panel import Action, TrainingPanel
from explorer.ui.controls import read, schema
from explorer.ui.desk import Desk
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.images import base64_of
from explorer.ui.page import FRIENDLY, Event, Page, unexpected
from explorer.ui.session import MINE, Current, Session
from explorer.ui.view import Panel, view

WHAT = (
    "**What you see.** Each line is one named term of the loss, averaged over the images since the last dot; their sum "
    "is what the optimiser makes small. Below, ten test digits that training never sees, as the network rebuilds them "
    "after each epoch, and a map of test digits' codes, which moves. The same seed gives the same curve, bit for bit. "
    "A finished, paused or stopped model is opened in all other places of the page."
)
LOOK = 0.25  # seconds between two looks at the run


@view("Run", place="Train", order=10)
def build(page: Page) -> Panel:
    """Knobs on the left, buttons and curves on the right."""
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            knobs = KnobPanel()
        with gr.Column(scale=3, min_width=320):
            panel = TrainingPanel()
    explain(WHAT)
    trains(page, panel.input, panel, [panel, knobs], lambda values, session: asked(page.explorer, values, session))
    knobs.input(
        lambda values, session: gr.update(message=objection(values, session)),
        [knobs, page.session],
        [knobs],
        trigger_mode="always_last",
        concurrency_limit=8,
        **FRIENDLY,
    )
    return Panel([knobs, panel], render)


def trains(
    page: Page, event: Event, panel: TrainingPanel, inputs: Sequence[Block], ask: Callable[[Any, Session], RunSpec]
) -> None:
    """When the event comes, do what the action among the ``inputs`` says, and show it on the panel.

    The inputs are the action and what ``ask`` needs, with the session, to say which run is meant; it raises ValueError.
    """

    async def act(
        action: Action, values: Any, session: Session, desk: Desk, request: gr.Request
    ) -> AsyncIterator[dict[str, Any]]:
        try:
            run = partial(ask, values, session)
            async for value in carried_out(page.explorer, action, run, desk, owner=str(request.session_hash)):
                yield value
        except (gr.Error, GeneratorExit, asyncio.CancelledError):
            raise
        except Exception as error:
            desk.shown_state, desk.text = "diverged", "something went wrong here"
            yield desk.value(action.have)
            raise unexpected(error) from error

    heard = [*inputs, page.session, page.desk]
    ran = event(act, heard, [panel], trigger_mode="multiple", concurrency_limit=None, **FRIENDLY)
    page.on(ran.then, page.desk, opened, anywhere=True)


def render(current: Current) -> list[Any]:
    """The knobs as this model had them, and the ten digits to compare with. What a visitor has turned stays."""
    card, variant = current.exhibit.card, current.exhibit.variant
    is_shipped = current.exhibit.id == card.name  # trained for long: nobody wants to wait so long on the page
    start = {"settings": card.settings, "training": variant.training.as_dict() if is_shipped else card.training}
    knobs = gr.update(schema=schema(variant), start=start, model=current.exhibit.id)
    digits = base64_of(current.batch(one_of_each(current.dataset.test_labels)))
    labels = base64.b64encode(current.dataset.test_labels[:MOMENT_IMAGES].tobytes()).decode()
    return [knobs, gr.update(digits=digits, labels=labels)]


def objection(values: object, session: Session) -> str:
    """Why these settings cannot be trained, in a sentence, or nothing."""
    try:
        read(named(session.variant), values)
    except ValueError as error:
        return str(error)
    return ""


def opened(desk: Desk, session: Session) -> Session:
    """The session with the model that a run has just brought, if it has."""
    if not desk.news:
        return session
    model, desk.news = desk.news, ""
    variant = desk.spec.variant if desk.spec else session.variant
    return replace(session, model=model, variant=variant, mine=(*session.mine, model)[-MINE:])


async def carried_out(
    explorer: Explorer, action: Action, ask: Callable[[], RunSpec], desk: Desk, *, owner: str
) -> AsyncIterator[dict[str, Any]]:
    """Do what a button says, and follow the run that it starts. Values are those of the TrainingPanel."""
    try:
        if action.name in ("train", "step"):
            if desk.is_busy:
                raise ValueError("one run at a time: wait for the one that you have started, or stop it")
            desk.begin(explorer.jobs, ask(), owner, one_epoch=action.name == "step")
            async for value in followed(explorer, desk, action.have):
                yield value
        elif action.name in ("pause", "stop") and desk.is_busy:
            desk.wants = action.name
            explorer.jobs.stop(desk.job)
        elif action.name == "stop":
            desk.state, desk.shown_state, desk.text = None, "stopped", "stopped, weights kept"
            yield desk.value(action.have)
        elif action.name == "reset" and not desk.is_busy:
            desk.clear()
            yield desk.value(0)
        elif action.name == "resend":
            yield desk.value(action.have)
    except UnknownJob as error:
        desk.clear()
        raise gr.Error(str(error), print_exception=False) from error
    except (ValueError, OSError) as error:
        desk.shown_state = "idle" if not desk.points else desk.shown_state
        yield desk.value(action.have)
        raise gr.Error(str(error), print_exception=False) from error


def asked(explorer: Explorer, values: Any, session: Session) -> RunSpec:
    """The run that the knobs describe. Raises ValueError."""
    config, training = read(named(session.variant), values)
    spec = RunSpec(session.variant, config.as_dict(), training.as_dict(), explorer.library.dataset.name)
    spec.checked()
    return spec


async def followed(explorer: Explorer, desk: Desk, have: int) -> AsyncIterator[dict[str, Any]]:
    """Look at the job again and again and tell the panel what is new, until it is over."""
    job, sent = desk.job, have if desk.points else 0
    while True:
        seen = explorer.jobs.look(job, desk.seen)
        desk.take(seen)
        if seen.is_over:
            finished = [event for event in seen.events if event["kind"] == "finished"]
            if finished:
                state = await asyncio.to_thread(explorer.jobs.state_of, job)
                await asyncio.to_thread(desk.settle, finished[-1], state, explorer.gallery.store)
            yield desk.value(sent)
            return
        yield desk.value(sent)
        sent = len(desk.points)
        await asyncio.sleep(LOOK)
