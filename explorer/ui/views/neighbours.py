"""Latent space, Neighbours: the test digits nearest to the input, for the model and for the pixels."""

from __future__ import annotations

from typing import Any

import gradio as gr
import torch
from torch import Tensor

from explorer.analysis.neighbours import DISTANCES, nearest, vote
from explorer.models.knobs import shown
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.page import Page
from explorer.ui.session import Current, Session
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** On the left the test digits whose *codes* lie nearest to the input's code, on the right those "
    "whose *pixels* do. A good code moves digits of one kind together, although nobody told it the labels. *Euclid* is "
    "the length of the difference between two codes; *cosine* looks at their direction alone. Press a digit to make it "
    "the input."
)
COLUMNS, MOST = 5, 20


@view("Neighbours", place="Latent space", order=20)
def build(page: Page) -> Panel:
    """The input and two controls on top, two sheets underneath."""
    with gr.Row():
        with gr.Column(min_width=320):
            strip = Strip()
        with gr.Column(min_width=280, elem_classes="ae-choices"):
            count = gr.Slider(5, MOST, 10, step=5, label="How many neighbours")
            distance = gr.Radio([*DISTANCES], value=DISTANCES[0], label="Distance between codes")
    with gr.Row():
        with gr.Column(min_width=300):
            by_code = gr.Markdown()
            code_sheet = Sheet(choosable=True, size=84)
        with gr.Column(min_width=300):
            by_pixels = gr.Markdown()
            pixel_sheet = Sheet(choosable=True, size=84)
    explain(WHAT)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    for sheet in (code_sheet, pixel_sheet):
        page.on(sheet.input, sheet, lambda value, session: picked(value, session, page))
    results = [by_code, code_sheet, by_pixels, pixel_sheet]
    return Panel([strip], bare_strip, [count, distance], results, show)


def show(current: Current, count: object, distance: object) -> list[Any]:
    """Both sheets with their headings. Raises ValueError for a count or a distance that the controls do not have."""
    if isinstance(count, bool) or not isinstance(count, int | float) or count not in range(1, MOST + 1):
        raise ValueError(f"the number of neighbours must be a whole number from 1 to {MOST}, got {shown(count)}")
    k, itself = int(count), None if current.own else current.index
    with torch.inference_mode():
        z = current.exhibit.model.encode(current.x)[0]
        alike = nearest(z, current.codes, k, str(distance), leave_out=itself)
        looking_alike = nearest(current.x.flatten(), pixels(current), k, leave_out=itself)
    return [*side("code", current, *alike), *side("pixel", current, *looking_alike)]


def side(space: str, current: Current, which: Tensor, away: Tensor) -> list[Any]:
    """A heading in words, and the sheet."""
    labels = torch.from_numpy(current.dataset.test_labels.astype("int64"))[which]
    if current.label is None:
        label, votes = vote(labels)
        words = f"{votes} of {len(which)} are {label}s"
    else:
        words = f"{int((labels == current.label).sum())} of {len(which)} are {current.label}s, as the input is"
    captions = [f"{int(one)} · {float(gap):.3g}" for one, gap in zip(labels, away, strict=True)]
    indices = [int(index) for index in which]
    sheet = digits_sheet(
        base64_of(current.batch(indices)), COLUMNS, f"nearest in {space} space", captions=captions, ids=indices
    )
    return [f"**Nearest in {space} space**: {words}. Under each: label · distance.", gr.update(sheet=sheet)]


_pixels: dict[str, Tensor] = {}


def pixels(current: Current) -> Tensor:
    """All test digits as rows of pixels in [0, 1]: (N, 784) float32, once for all visitors."""
    dataset = current.dataset
    if dataset.sha256 not in _pixels:
        _pixels[dataset.sha256] = torch.tensor(dataset.test_images.reshape(len(dataset.test_images), -1)).float() / 255
    return _pixels[dataset.sha256]


def picked(value: object, session: Session, page: Page) -> Session:
    """A neighbour becomes the input. Raises ValueError for a digit that does not exist."""
    return session.with_index(value.get("id") if isinstance(value, dict) else None, page.explorer.library.dataset)
