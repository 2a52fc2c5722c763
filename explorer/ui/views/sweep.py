"""Train, Sweep: the same training with several values of one knob or two, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from explorer.models.knobs import shown
from explorer.models.registry import variants
from explorer.training.runs import CUT_IMAGES
from explorer.ui.components.sweep_panel import SweepPanel
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.failure import told
from explorer.ui.page import FRIENDLY, Greeting, Page, address
from explorer.ui.planned import MOST, Plan, default_form, in_words, offered, planned
from explorer.ui.session import MINE, Current, Session
from explorer.ui.swept import GRACE, Sweep, known
from explorer.ui.view import Panel, view
from explorer.ui.views.scoreboard import opened
from explorer.ui.visit import Visit

WHAT = (
    "**What you see.** One model for every combination of the values, each trained from its start with its variant's "
    "recommended settings besides; a variant that lacks a knob is trained without it. A point of the chart is a model, "
    "measured on all test digits; a hollow one was not trained to its end, and is measured on at most "
    f"{CUT_IMAGES:,} of them. Terms of a loss carry their weights (β, λ): compare them where these are equal. The "
    "models stand in the **Scoreboard** too; a name in the table opens one everywhere on the page.\n\n"
    "A sweep has your place in the queue: while it lasts, **Run** starts nothing, and several of its runs are trained "
    f"at once only while nobody waits. It has at most {MOST} runs, or {MINE} on a server without a limit of work. Look "
    f"at other tabs meanwhile. If the page is closed for more than {GRACE:.0f} seconds or the server starts again, "
    "the sweep ends; the models that are there stay, and a sweep that is started again trains only what is missing."
)
LOOK = 0.5  # seconds between two looks at the runs
ACTS = ("start", "stop", "resend")


@view("Sweep", place="Train", order=45)
def build(page: Page) -> Panel:
    """The form, the table and the chart are one component; what belongs to the visitor lies on the server."""
    explorer = page.explorer
    panel = SweepPanel()
    explain(WHAT)
    sweep, brought, soon = gr.State(Sweep()), gr.State(""), gr.Timer(1.0, active=False)

    async def act(value: object, sweep: Sweep, visit: Visit, request: gr.Request) -> AsyncIterator[tuple[Any, Any]]:
        try:
            pressed(explorer, value, sweep, visit.session, request)
            async for update in followed(explorer, sweep):
                yield update
        except (gr.Error, GeneratorExit, asyncio.CancelledError):
            raise
        except Exception as error:
            raise told(error) from error

    async def follow(sweep: Sweep) -> AsyncIterator[tuple[Any, Any, Any]]:
        waits = sweep.is_busy and sweep.followers > 0  # for the page before to be gone
        yield gr.Timer(active=waits), gr.update(sweep=sweep.shown(explorer.gallery.store)), gr.skip()
        if not waits:
            async for update in followed(explorer, sweep):
                yield gr.skip(), *update

    def greet(told: dict[str, Any], _: object) -> list[Any]:
        back = known(explorer.sweeps, told.get("sweep"))
        return [gr.skip(), gr.skip()] if back is None else [back, gr.Timer(active=True)]

    page.greetings.append(Greeting(greet, [sweep, soon]))
    soon.tick(follow, [sweep], [soon, panel, brought], concurrency_limit=None, **FRIENDLY)
    heard = [panel, sweep, page.visit]
    panel.submit(act, heard, [panel, brought], trigger_mode="multiple", concurrency_limit=None, **FRIENDLY)
    panel.input(
        lambda value, visit: weighed(explorer, value, visit.session),
        [panel, page.visit],
        [panel],
        trigger_mode="always_last",
        concurrency_limit=8,
        **FRIENDLY,
    )
    page.on(
        brought.change, sweep, lambda sweep, session: sweep.received(session, explorer.gallery.store), anywhere=True
    )
    page.on(panel.select, panel, lambda value, session: opened(part(value, "open"), session, page))
    return Panel([panel], lambda current: render(explorer, current))


def render(explorer: Explorer, current: Current) -> list[Any]:
    """The knobs of the page's variant. What a visitor has chosen stays as long as the variant does."""
    variant = current.exhibit.variant
    form = default_form(variant, len(explorer.library.dataset.train_images))
    others = [{"name": one.name, "title": one.title} for one in variants().values() if one.name != variant.name]
    own = {"name": variant.name, "title": variant.title, "knobs": offered(variant), "form": form, "others": others}
    return [gr.update(variant=own)]


def part(value: object, name: str) -> object:
    """One field of what the panel sent."""
    return value.get(name) if isinstance(value, dict) else None


def plan_of(explorer: Explorer, value: object, session: Session) -> Plan:
    """The sweep that the form describes, for a visitor with these runs. Raises ValueError."""
    store = explorer.gallery.store
    mine = [record for record in session.records if store.holds(record.run)]
    return planned(part(value, "form"), explorer.library.dataset, store.limit, mine)


def weighed(explorer: Explorer, value: object, session: Session) -> Any:
    """How many runs that are, and how long they take; or why they cannot be trained."""
    try:
        return gr.update(plan={"text": in_words(plan_of(explorer, value, session), len(session.mine)), "fits": True})
    except ValueError as error:
        return gr.update(plan={"text": str(error), "fits": False})


def pressed(explorer: Explorer, value: object, sweep: Sweep, session: Session, request: gr.Request) -> None:
    """Do what a button says. Raises ValueError."""
    act = part(value, "act")
    if act not in ACTS:
        raise ValueError(f"what to do must be one of {', '.join(ACTS)}, got {shown(act)}")
    if act == "start":
        plan, owner = plan_of(explorer, value, session), str(request.session_hash)
        if sweep.is_busy:
            raise ValueError("one sweep at a time: wait for the one that you have started, or stop it")
        explorer.pace.admit(owner, address(request), runs=len(plan.specs) - len(plan.there))
        sweep.begin(explorer.jobs, plan, owner)
        explorer.sweeps[sweep.id] = sweep
    elif act == "stop":
        sweep.stop(explorer.jobs)


async def followed(explorer: Explorer, sweep: Sweep) -> AsyncIterator[tuple[Any, Any]]:
    """Look at the sweep again and again until it is over, unless another handler does; tell the panel, and of models.

    It yields at each look, so that Gradio ends it when the page has gone.
    """
    store, brought = explorer.gallery.store, ""
    is_mine = not sweep.followers
    sweep.followers += is_mine
    try:
        while True:
            if is_mine:
                await sweep.look(explorer.jobs, store)
            news = " ".join([sweep.id, *(desk.kept for desk in sweep.desks if desk.news)])
            yield gr.update(sweep=sweep.shown(store)), gr.skip() if news == brought else news
            brought = news
            if not (is_mine and sweep.is_busy):
                return
            await asyncio.sleep(LOOK)
    finally:
        sweep.followers -= is_mine
