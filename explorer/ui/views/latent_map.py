"""Latent space, Latent map: every test digit's code on a plane, in the projection and the colours of one's choice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np

from explorer.analysis.maps import PROJECTIONS, umap_in_worker
from explorer.analysis.projection import UMAP_LIMIT
from explorer.models.knobs import shown
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.latent import chosen_projection, decode_mean, map_props, projections
from explorer.ui.page import FRIENDLY, Page
from explorer.ui.session import Current, Session
from explorer.ui.view import Panel, view
from explorer.ui.visit import Visit

WHAT = (
    "**What you see.** The model never saw a label, yet digits that look alike lie close together. Where colours mix, "
    "the code confuses two digits; between the clouds the decoder has to invent. A code of more than two numbers is "
    "shown as its shadow: *PCA* takes the two directions along which codes vary most, *UMAP* keeps neighbours together "
    "and nothing else, so distances between its islands mean little."
)
COLOURS = [("by label", "label"), ("by error", "error"), ("by k-means group", "cluster")]


@view("Latent map", place="Latent space", order=10)
def build(page: Page) -> Panel:
    """The map, large, with its two choices."""
    with gr.Row(elem_classes="ae-choices"):
        projection = gr.Radio([], label="Projection", min_width=240)
        colour = gr.Radio(COLOURS, value="label", label="Dots coloured", min_width=240)
        start = gr.Button("Draw UMAP of up to 2,000 codes", visible=False, min_width=200)
    progress = gr.Markdown(visible=False, elem_classes="ae-quiet")
    dots = LatentMap(mean=page.answering(decode_mean, "mean"), elem_classes="ae-large")
    explain(WHAT)
    page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    page.on(projection.input, projection, projected)
    page.on(colour.input, colour, coloured)

    async def umap(visit: Visit, request: gr.Request) -> AsyncIterator[Any]:
        async for update in draw_umap(page.explorer, visit.session, request):
            yield update

    drawn = start.click(umap, [page.visit], [progress], concurrency_limit=None, **FRIENDLY)
    page.on(drawn.success, progress, lambda _, session: replace(session, projection="umap"), anywhere=True)
    return Panel([projection, colour, start, dots], render)


def render(current: Current) -> list[Any]:
    """The choices that this model has, and the map."""
    there = projections(current.exhibit)
    lacks_umap = "umap" not in current.exhibit.maps.points and "code" not in current.exhibit.maps.points
    return [
        gr.update(choices=there, value=chosen_projection(current)),
        gr.update(value=current.colour),
        gr.update(visible=lacks_umap),
        gr.update(**map_props(current)),
    ]


def clicked(value: object, session: Session, page: Page) -> Session:
    """A dot of the map becomes the current input. Raises ValueError."""
    index = value.get("index") if isinstance(value, dict) else None
    return session.with_index(index, page.explorer.library.dataset)


def projected(value: object, session: Session) -> Session:
    """Another projection. Raises ValueError for one that does not exist."""
    if value not in PROJECTIONS:
        raise ValueError(f"the projection must be one of {', '.join(PROJECTIONS)}, got {shown(value)}")
    return replace(session, projection=str(value))


def coloured(value: object, session: Session) -> Session:
    """Other colours. Raises ValueError."""
    if value not in [name for _, name in COLOURS]:
        raise ValueError(f"the colour must be label, error or cluster, got {shown(value)}")
    return replace(session, colour=str(value))


async def draw_umap(explorer: Explorer, session: Session, request: gr.Request) -> AsyncIterator[Any]:
    """Have a worker draw UMAP of the visitor's model, telling how long it takes; the map then has it to choose."""
    exhibit = explorer.current(session).exhibit
    dataset = explorer.library.dataset
    try:
        card, weights = explorer.gallery.on_disk(exhibit.id)
        arguments = (card.to_json(), weights, dataset.name, UMAP_LIMIT)
        job = explorer.jobs.submit_task(umap_in_worker, *arguments, owner=str(request.session_hash))
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from error
    seconds = 0.0
    while not (seen := explorer.jobs.look(job)).is_over:
        words = (
            seen.text if seen.state == "queued" else f"UMAP is at work, {seconds:.0f} s (the first takes about 20 s)"
        )
        yield gr.update(value=words, visible=True)
        await asyncio.sleep(0.5)
        seconds += 0.5
    yield gr.update(visible=False)
    if seen.state != "done":
        raise gr.Error(seen.text or "UMAP was stopped", print_exception=False)
    points = np.frombuffer(seen.events[-1]["result"], dtype=np.float32).reshape(-1, 2)
    explorer.gallery.add_points(exhibit, dataset, "umap", points)
