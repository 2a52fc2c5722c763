"""Latent space, Manifold: the whole plane of codes at a glance, decoded place by place."""

from __future__ import annotations

from typing import Any

import gradio as gr
import torch
from torch import Tensor

from explorer.analysis.generation import points_grid, prior_grid
from explorer.models.base import Decoding, Generative
from explorer.ui.components.sheet import Sheet, chosen_cell, digits_sheet
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view

WHAT = (
    "**What you see.** Four hundred places of the plane, each decoded; twenty if the code is one number. The places "
    "lie dense where codes are frequent and wide apart at the rim: between one column and the next lies a twentieth of "
    "all codes. Follow a row or a column and one digit turns into another; some transitions pass through things that "
    "are no digits. Press a cell to see it large, with its code."
)
SIDE = 20
PRIOR = "A code of two numbers, spaced by the quantiles of the prior N(0, 1) in both directions."
CODES = "A code of two numbers, spaced along each axis by the quantiles of the test digits' codes."
LINE = "A code of one number, spaced by the quantiles of the test digits' codes."
PLANE = (
    "A code of {size:,} numbers: this is the plane through the two directions along which the test digits' codes vary "
    "most; all other directions stay at the mean code, so that most of what the code knows is missing here."
)


@view("Manifold", place="Latent space", order=55, needs=Decoding)
def build(page: Page) -> Panel:
    """The large sheet, and one cell of it larger."""
    which = gr.Markdown()
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_classes="ae-tight"):
            sheet = Sheet(choosable=True, size=36)
        with gr.Column(scale=1, min_width=200):
            cell = Sheet(size=200)
    explain(WHAT)
    page.when(sheet.input, enlarged, [sheet], [cell])
    return Panel([which, sheet, cell], render)


def render(current: Current) -> list[Any]:
    """The sentence, the sheet, and the cell in its middle."""
    words, z, _ = codes_of_grid(current)
    images = decoded(current, z)
    across = digits_sheet(base64_of(images), SIDE, "manifold")
    return [words, gr.update(sheet=across), *enlarged(current, {"cell": len(z) // SIDE // 2 * SIDE + SIDE // 2})]


def enlarged(current: Current, value: object) -> list[Any]:
    """One cell, large, with its place. Raises ValueError for a cell that the sheet does not have."""
    _, z, places = codes_of_grid(current)
    cell = chosen_cell(value, len(z))
    place = [f"{number:.2f}".replace("-", "−") for number in places[cell].tolist()]
    words = [f"row {cell // SIDE + 1}, column {cell % SIDE + 1}: ({', '.join(place)})"]
    if len(z) == SIDE:
        words = [f"column {cell + 1}: z = {place[0]}"]
    return [gr.update(sheet=digits_sheet(base64_of(decoded(current, z[cell : cell + 1])), 1, "chosen", captions=words))]


def codes_of_grid(current: Current) -> tuple[str, Tensor, Tensor]:
    """What the plane is, in words; the codes of all cells (400, D); and their places in the plane (400, 2).

    A code of one number has one row of twenty cells.
    """
    maps, model = current.exhibit.maps, current.exhibit.model
    name = "code" if "code" in maps.lifts else "pca"
    lift = torch.from_numpy(maps.lifts[name])
    if len(lift) == 1:
        words, places = LINE, points_grid(torch.from_numpy(maps.points[name]), SIDE)[:SIDE]  # all rows are the same
    elif name == "code" and isinstance(model, Generative):
        words, places = PRIOR, prior_grid(SIDE)
    else:
        words = CODES if name == "code" else PLANE.format(size=len(lift))
        places = points_grid(torch.from_numpy(maps.points[name]), SIDE)
    return words, places @ lift[:, :2].T + lift[:, 2], places


def decoded(current: Current, z: Tensor) -> Tensor:
    """(N, D) -> (N, 1, 28, 28)."""
    model = current.exhibit.model
    assert isinstance(model, Decoding)  # noqa: S101  # the view needs it
    with torch.inference_mode():
        return model.decode(z).clamp(0, 1)
