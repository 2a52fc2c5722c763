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
from explorer.training.cost import require_affordable
from explorer.training.jobs import JobView, UnknownJob, Unreachable
from explorer.training.runs import MOMENT_IMAGES, RunSpec, one_of_each
from explorer.training.shipped import SHIPPED
from explorer.training.store import RunStore
from explorer.ui.components.knob_panel import KnobPanel
from explorer.ui.components.training_panel import Action, TrainingPanel
from explorer.ui.controls import read, schema
from explorer.ui.desk import Desk
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.failure import in_words, told
from explorer.ui.gallery import Exhibit
from explorer.ui.images import base64_of
from explorer.ui.page import FRIENDLY, Event, Greeting, Page, address
from explorer.ui.session import Current, Session
from explorer.ui.unfinished import found, mark, take_up
from explorer.ui.view import Panel, view
from explorer.ui.visit import Visit

WHAT = (
    "**What you see.** Each line is one named term of the loss, averaged over the images since the last dot; their sum "
    "is what the optimiser makes small. Below, ten test digits that training never sees, as the network rebuilds them "
    "after each epoch, and a map of test digits' codes, which moves. The same seed gives the same curve, bit for bit. "
    "A finished, paused or stopped model is opened in all other places of the page."
)
STARTS = ("train", "anew", "step")
STRANGE = "The server does not know this page yet, or not any more: please try again in a moment."
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
    finds_again(page, panel)
    knobs.input(
        lambda values, visit: gr.update(message=objection(page.explorer, values, visit.session)),
        [knobs, page.visit],
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
    A paused run goes on as it was, whatever is asked for by now.
    """

    async def act(
        action: Action, values: Any, visit: Visit, desk: Desk, request: gr.Request
    ) -> AsyncIterator[dict[str, Any]]:
        owner = str(request.session_hash)

        if not visit.session.has_arrived:
            gr.Warning(STRANGE)
            return  # what follows this event tells the page, which then comes again

        def run() -> RunSpec:
            page.explorer.pace.admit(owner, address(request))
            waits = desk.shown_state == "paused" and action.name != "anew"
            return desk.spec if waits and desk.spec is not None else ask(values, visit.session)

        try:
            async for value in carried_out(page.explorer, action, run, desk, owner=owner):
                yield value
        except (gr.Error, GeneratorExit, asyncio.CancelledError):
            raise
        except Exception as error:
            desk.shown_state, desk.text = "diverged", "something went wrong here"
            yield desk.value(action.have)
            raise told(error) from error

    heard = [*inputs, page.visit, page.desk]
    ran = event(act, heard, [panel], trigger_mode="multiple", concurrency_limit=None, **FRIENDLY)
    page.on(ran.then, page.desk, partial(opened, page.explorer.gallery.store), anywhere=True)


def finds_again(page: Page, panel: TrainingPanel) -> None:
    """When the page has come, show the run that its browser remembers, if that is not over; soon after, follow it."""
    soon, brought, had = gr.Timer(1.0, active=False), gr.State(""), gr.State(0)

    def greet(told: dict[str, Any], desk: Desk) -> list[Any]:
        try:
            back = found(page.explorer, told.get("run"))
        except Unreachable as error:
            gr.Warning(f"{error}.")
            back = None
        if back is None:
            return [gr.skip() for _ in range(3)]
        if back.shown_state == "paused" and back is not desk:
            gr.Info(f"Your training under Train, Run: {back.text}.")
        return [back, back.value(0), gr.Timer(active=back.is_busy or back.followers > 0)]

    async def follow(desk: Desk, have: int) -> AsyncIterator[tuple[Any, Any, Any, Any]]:
        waits = desk.followers > 0  # as long as another page follows the run, this one looks at the desk
        points = len(desk.points)
        yield gr.Timer(active=waits), desk.value(have, again=True), gr.skip(), points
        if waits:
            return
        if desk.is_busy:
            try:
                async for value in followed(page.explorer, desk, points):
                    yield gr.skip(), value, gr.skip(), gr.skip()
            except (UnknownJob, OSError) as error:
                desk.shown_state, desk.text = "diverged", in_words(error)
                yield gr.skip(), desk.value(points), gr.skip(), gr.skip()
        yield gr.skip(), gr.skip(), desk.kept, gr.skip()

    page.greetings.append(Greeting(greet, [page.desk, panel, soon]))
    soon.tick(follow, [page.desk, had], [soon, panel, brought, had], concurrency_limit=None, **FRIENDLY)
    page.on(brought.change, page.desk, partial(opened, page.explorer.gallery.store), anywhere=True)


def render(current: Current) -> list[Any]:
    """The knobs as this model had them, and the ten digits to compare with. What a visitor has turned stays."""
    exhibit = current.exhibit
    knobs = gr.update(schema=schema(exhibit.variant), start=start(exhibit), model=exhibit.id)
    return [knobs, before_training(current)]


def start(exhibit: Exhibit) -> dict[str, dict[str, Any]]:
    """Where the knobs stand before anybody turns one: as this model had them, but for a shipped one's long training."""
    is_long = exhibit.id in SHIPPED  # nobody wants to wait so long on the page
    training = exhibit.variant.training.as_dict() if is_long else exhibit.card.training
    return {"settings": exhibit.card.settings, "training": training}


def before_training(current: Current) -> dict[str, Any]:
    """What a training panel needs of the digits on show: ten to compare with, and the labels of the dots."""
    digits = base64_of(current.batch(one_of_each(current.dataset.test_labels)))
    labels = base64.b64encode(current.dataset.test_labels[:MOMENT_IMAGES].tobytes()).decode()
    return gr.update(digits=digits, labels=labels)


def objection(explorer: Explorer, values: object, session: Session) -> str:
    """Why these settings cannot be trained, in a sentence, or nothing."""
    try:
        asked(explorer, values, session)
    except ValueError as error:
        return str(error)
    return ""


def opened(store: RunStore, desk: Desk, session: Session) -> Session:
    """The session with the model that a run has brought, if it is new to this page."""
    record = desk.news
    if record is None or record.run in session.mine or not store.holds(record.run):
        return session
    kept = session.without_run(desk.replaced).with_run(record)
    return replace(kept, model=record.run, variant=record.card.variant)


async def carried_out(
    explorer: Explorer, action: Action, ask: Callable[[], RunSpec], desk: Desk, *, owner: str
) -> AsyncIterator[dict[str, Any]]:
    """Do what a button says, and follow the run that it starts. Values are those of the TrainingPanel."""
    try:
        if action.name in STARTS:
            if desk.is_busy:
                raise ValueError("one run at a time: wait for the one that you have started, or stop it")
            is_new, is_step = action.name == "anew", action.name == "step"
            desk.begin(explorer.jobs, ask(), owner, one_epoch=is_step, anew=is_new)
            async for value in followed(explorer, desk, action.have):
                yield value
        else:
            async for value in pressed(explorer, action, desk):
                yield value
    except UnknownJob as error:
        desk.clear()
        raise told(error) from error
    except (ValueError, OSError) as error:
        desk.shown_state = desk.shown_state if desk.points or desk.is_busy else "idle"
        yield desk.value(action.have)
        raise told(error) from error


async def pressed(explorer: Explorer, action: Action, desk: Desk) -> AsyncIterator[dict[str, Any]]:
    """Do what a button says that starts nothing."""
    if action.name in ("pause", "stop") and desk.is_busy:
        desk.wants = action.name
        explorer.jobs.stop(desk.job)
    elif action.name == "stop":
        desk.state, desk.shown_state, desk.text = None, "stopped", "stopped, weights kept"
        await mark(explorer, desk)
        yield desk.value(action.have)
    elif action.name == "reset" and not desk.is_busy:
        desk.state = None
        await mark(explorer, desk)
        desk.clear()
        yield desk.value(0)
    elif action.name == "resend":
        yield desk.value(action.have)
        if desk.is_busy and not desk.followers:  # the line to this page was cut
            async for value in followed(explorer, desk, action.have):
                yield value


def asked(explorer: Explorer, values: Any, session: Session) -> RunSpec:
    """The run that the knobs describe; None, before they have been drawn, is where they start. Raises ValueError."""
    if values is None:
        values = start(explorer.current(session).exhibit)
    config, training = read(named(session.variant), values)
    spec = RunSpec(session.variant, config.as_dict(), training.as_dict(), explorer.library.dataset.name)
    require_affordable(spec, len(explorer.library.dataset.train_images))
    return spec


async def followed(explorer: Explorer, desk: Desk, have: int) -> AsyncIterator[dict[str, Any]]:
    """Look at the job again and again and tell the panel what is new, until it is over."""
    job, sent, states = desk.job, have if desk.points else 0, 0
    desk.followers += 1
    try:
        await mark(explorer, desk)
        while True:
            seen = explorer.jobs.look(job, desk.seen)
            desk.take(seen)
            if seen.is_over:
                await settled(explorer, desk, seen)
                yield desk.value(sent)
                return
            yield desk.value(sent)
            sent = len(desk.points)
            if seen.states > states:
                states = seen.states
                await mark(explorer, desk)
            await asyncio.sleep(LOOK)
    finally:
        desk.followers -= 1


async def settled(explorer: Explorer, desk: Desk, seen: JobView) -> None:
    """Take what came out of a run that is over. Raises OSError where the disk has no room for it."""
    finished = [event for event in seen.events if event["kind"] == "finished"]
    if finished:
        reason = seen.text if seen.text != finished[-1]["text"] else ""
        state = await asyncio.to_thread(explorer.jobs.state_of, desk.job)
        await asyncio.to_thread(desk.settle, finished[-1], state, explorer.gallery.store, reason)
    elif seen.state == "failed":
        await take_up(explorer, desk, seen.text)
    await mark(explorer, desk)
