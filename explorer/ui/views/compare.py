"""Compare, Side by side: every model on the same picture."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import gradio as gr
import torch
from torch import Tensor

from explorer.analysis.comparison import compared, seconds_an_image
from explorer.data.corruption import dropout, gaussian, random_pixels
from explorer.models.checkpoint import CheckpointError
from explorer.models.knobs import shown
from explorer.models.registry import variants
from explorer.ui.components.comparison import Comparison
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.gallery import Exhibit
from explorer.ui.images import base64_of, base64_of_signed
from explorer.ui.page import Page
from explorer.ui.session import MASK_SEED, Current, Session
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** The same picture goes through every model, and each row tells what came out and at what price. "
    "MSE and PSNR are against the undamaged picture. *Numbers* is what the decoder is given: a masked autoencoder "
    "hands over a row of numbers for each visible patch, and only its hidden patches are its own work; a U-Net hands "
    "over the maps of every level and the picture itself. A wide code is no bottleneck unless most of it is zero. "
    "Press a column's title to sort by it, a model's name to open it."
)
DAMAGES = {"none": None, "Gaussian noise": gaussian, "random pixels": random_pixels, "missing pixels": dropout}
SEED = 0


@view("Side by side", place="Compare", order=10)
def build(page: Page) -> Panel:
    """The picture and its damage on top, the table underneath."""
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            strip = Strip()
        with gr.Column(scale=2, min_width=280, elem_classes="ae-choices"):
            damage = gr.Radio([*DAMAGES], value="none", label="Damage the input, for all models alike")
            strength = gr.Slider(0, 1, 0.5, step=0.05, label="Strength: σ of the noise, or share of the pixels")
        seen = Sheet(min_width=120, size=112)
    table = Comparison()
    explain(WHAT)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    page.on(table.input, table, lambda value, session: opened(value, session, page))

    return Panel(
        [strip], bare_strip, [damage, strength], [seen, table], lambda current, *how: tabulated(page, current, *how)
    )


def damaged_input(x: Tensor, kind: object, share: object) -> Tensor:
    """The picture (1, 1, 28, 28), damaged as the page's controls say. Raises ValueError."""
    if kind not in DAMAGES:
        raise ValueError(f"the damage must be one of {', '.join(DAMAGES)}, got {shown(kind)}")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError(f"the strength must lie between 0 and 1, got {shown(share)}")
    damage = DAMAGES[str(kind)]
    return x if damage is None else damage(x, float(share), torch.Generator().manual_seed(SEED))


def tabulated(page: Page, current: Current, kind: object, share: object) -> list[Any]:
    """What goes in, and the table of what each model makes of it."""
    seen = damaged_input(current.x, kind, share)
    rows = []
    for model_id in offered(page, current):
        try:
            exhibit = page.explorer.gallery.open(model_id, current.dataset)
        except CheckpointError:
            continue  # it is damaged or gone; the picker does not offer it either
        rows.append(row_of(exhibit, current, seen))
    words = "what goes in" if kind == "none" else f"what goes in: {kind}, {share}"
    sheet = digits_sheet(base64_of(seen), 1, "input", captions=[words])
    return [gr.update(sheet=sheet), gr.update(table=json.dumps(rows))]


def offered(page: Page, current: Current) -> list[str]:
    """All models that the visitor could open, by id, in the order of the picker."""
    gallery, mine = page.explorer.gallery, current.mine
    return [str(one["id"]) for name in variants() for one in gallery.of(name, mine)]


_seconds: dict[str, float] = {}


def row_of(exhibit: Exhibit, current: Current, seen: Tensor) -> dict[str, Any]:
    """One model's row, for the Comparison component."""
    found = compared(exhibit.model, current.x, seen, torch.Generator().manual_seed(MASK_SEED))
    weights = exhibit.card.weights_sha256
    if weights not in _seconds:
        _seconds[weights] = seconds_an_image(exhibit.model, seen)
    return {
        "id": exhibit.id,
        "title": exhibit.card.title,
        "variant": exhibit.variant.title,
        "mine": exhibit.id != exhibit.card.name,
        "reconstruction": base64_of(found.reconstruction),
        "error": base64_of_signed(found.reconstruction - current.x),
        "code": [round(float(number), 2) for number in found.code],
        "mse": found.mse,
        "psnr": found.psnr,
        "numbers": found.numbers,
        "awake": found.awake,
        "bytes": found.size,
        "parameters": sum(parameter.numel() for parameter in exhibit.model.parameters()),
        "ms": 1000 * _seconds[weights],
    }


def opened(value: object, session: Session, page: Page) -> Session:
    """Another model is opened. Raises ValueError for one that is not on offer."""
    wanted = value.get("open") if isinstance(value, dict) else None
    for name in variants():
        if any(one["id"] == wanted for one in page.explorer.gallery.of(name, session.mine)):
            return replace(session, model=str(wanted), variant=name)
    raise ValueError(f"the model must be one of those on offer, got {shown(wanted)}")
