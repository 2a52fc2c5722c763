"""Latent space, Interpolate: from one digit to another, through the code and through the pixels."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
import torch
from torch import Tensor

from explorer.analysis.neighbours import voted
from explorer.analysis.paths import WAYS, path
from explorer.models.base import Decoding
from explorer.models.knobs import shown
from explorer.ui.components.film import Film
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.latent import map_props, place_codes
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.latent_map import clicked
from explorer.ui.views.reconstruct import bare_strip, taken, ten_digits

WHAT = (
    "**What you see.** The upper row walks from the input's code to the other digit's and decodes each step; under it "
    "stands what the ten nearest test digits are, and how many of the ten agree. The lower row mixes the pixels "
    "instead, from the one picture to the other: two digits shine through each other. What the upper row does better "
    "the code has learnt. *Linear* goes straight through code space; *slerp* turns while its length "
    "changes evenly, and so keeps away from the origin, near which a code of many numbers has no digits."
)
FORMULA = (
    r"\begin{gathered} z(t) = (1 - t)\,z_a + t\,z_b \quad\text{or}\\ "
    r"z(t) = \big((1 - t)\lVert z_a \rVert + t\lVert z_b \rVert\big)\,"
    r"\frac{\sin((1-t)\,\omega)\,u_a + \sin(t\,\omega)\,u_b}{\sin\omega}, \quad u = \frac{z}{\lVert z \rVert} "
    r"\end{gathered}"
)
FEWEST, MOST = 5, 15
FRAMES, NEAREST = 61, 10


@view("Interpolate", place="Latent space", order=30, needs=Decoding)
def build(page: Page) -> Panel:
    """Both ends on top, the steps underneath, then the film and the map with the way on it."""
    with gr.Row():
        with gr.Column(min_width=320):
            gr.Markdown("**From** the input")
            start = Strip()
        with gr.Column(min_width=320):
            gr.Markdown("**To**")
            end = Strip({"index": -1})
    with gr.Row(elem_classes="ae-choices"):
        steps = gr.Slider(FEWEST, MOST, 9, step=1, label="Steps", min_width=240)
        way = gr.Radio([*WAYS], value=WAYS[0], label="Way through code space", min_width=240)
    sheet = Sheet(size=96)
    with gr.Row():
        with gr.Column(scale=2, min_width=260):
            film = Film()
        with gr.Column(scale=5, min_width=320):
            dots = LatentMap()
    explain(WHAT, FORMULA)
    page.on(start.input, start, lambda value, session: taken(value, session, page))
    page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    return Panel([start], bare_strip, [end, steps, way], [end, sheet, film, dots], show)


def show(current: Current, end: object, steps: object, way: object) -> list[Any]:
    """The other end, the steps, the film and the map. Raises ValueError for what the controls do not have."""
    if isinstance(steps, bool) or not isinstance(steps, int | float) or steps not in range(FEWEST, MOST + 1):
        raise ValueError(f"the steps must be a whole number from {FEWEST} to {MOST}, got {shown(steps)}")
    other = other_digit(current, end)
    ends = torch.cat((current.x, current.batch([other])))
    model = current.exhibit.model
    assert isinstance(model, Decoding)  # noqa: S101  # the view needs it
    with torch.inference_mode():
        from_, to = model.encode(ends)
        codes, fine = path(from_, to, int(steps), str(way)), path(from_, to, FRAMES, str(way))
        decoded, frames = model.decode(codes).clamp(0, 1), model.decode(fine).clamp(0, 1)
    strip = gr.update(
        value={"index": other},
        digits={**ten_digits(current), "reconstructions": ""},
        count=len(current.dataset.test_labels),
    )
    captions = [f"t = {t:.2f}" for t in torch.linspace(0, 1, FRAMES).tolist()]
    film = {"frames": base64_of(frames), "captions": captions, "label": "On the way from one digit to the other"}
    return [
        strip,
        gr.update(sheet=both_rows(current, ends, codes, decoded)),
        gr.update(film=film),
        gr.update(**map_props(current, path=place_codes(current, codes))),
    ]


def both_rows(current: Current, ends: Tensor, codes: Tensor, decoded: Tensor) -> dict[str, Any]:
    """The steps through code space with the vote of their neighbours, and below them the steps through pixel space."""
    t = torch.linspace(0, 1, len(codes)).reshape(-1, 1, 1, 1)
    mixed = (1 - t) * ends[:1] + t * ends[1:]
    labels = torch.from_numpy(current.dataset.test_labels.astype("int64"))
    votes = [f"{label} · {count} of {NEAREST}" for label, count in voted(codes, current.codes, labels, NEAREST)]
    return digits_sheet(
        base64_of(torch.cat((decoded, mixed))),
        len(codes),
        "interpolation",
        captions=[*votes, *([""] * len(codes))],
        rows=["decoded", "pixels mixed"],
    )


def other_digit(current: Current, choice: object) -> int:
    """The digit at the other end: chosen, thrown by the dice, or to begin with the first of another label.

    Raises ValueError for a choice that no strip sends.
    """
    labels = current.dataset.test_labels
    if not isinstance(choice, dict):
        raise ValueError(f"the other end must be a digit, got {shown(choice)}")
    index, label, throw = (choice.get(key) for key in ("index", "label", "roll"))
    if index == -1:
        return int(np.flatnonzero(labels != labels[current.index])[0])
    if "index" in choice:
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(labels):
            raise ValueError(f"the test digit must be a whole number from 0 to {len(labels) - 1}, got {shown(index)}")
        return index
    if label is not None and (isinstance(label, bool) or label not in range(10)):
        raise ValueError(f"the label must be a whole number from 0 to 9, got {shown(label)}")
    if isinstance(throw, bool) or not isinstance(throw, int) or not 0 <= throw < 2**31:
        raise ValueError(f"roll must be a whole number from 0, got {shown(throw)}")
    pool = np.flatnonzero(labels == label) if label is not None else np.arange(len(labels))
    return int(np.random.default_rng(throw).choice(pool))
