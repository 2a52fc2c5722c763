"""Latent space, Arithmetic: a - b + c, with codes and with pixels."""

from __future__ import annotations

from typing import Any

import gradio as gr
import torch
from torch import Tensor

from explorer.analysis.neighbours import voted
from explorer.analysis.paths import arithmetic, mean_codes
from explorer.models.base import Decoding
from explorer.models.knobs import shown
from explorer.training.evaluate import batches
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.latent import map_props, place_codes
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.interpolate import NEAREST
from explorer.ui.views.latent_map import clicked
from explorer.ui.views.reconstruct import bare_strip, taken
from explorer.ui.views.traverse import input_code

WHAT = (
    "**What you see.** From the input's code the mean code of one label is taken away and that of another added. What "
    "is left of the input is how it was written, if the code holds that apart from what was written: then the upper "
    "row shows all ten digits in one hand. Under each stands what the ten nearest test digits are, and how many of "
    "them agree. The lower row does the same sum with pixels. On the map, the way from the input to the last choice."
)
OWN_LABEL = "the input's own"
LABELS = [str(label) for label in range(10)]


@view("Arithmetic", place="Latent space", order=35, needs=Decoding)
def build(page: Page) -> Panel:
    """The input, what is taken away and what is added, the sums, and the way on the map."""
    strip = Strip()
    with gr.Row(elem_classes="ae-choices"):
        minus = gr.Radio([OWN_LABEL, *LABELS], value=OWN_LABEL, label="Take away the mean code of label", min_width=320)
        plus = gr.Radio(LABELS, value="3", label="On the map, add the mean code of label", min_width=320)
    title = gr.Markdown()
    sheet = Sheet(size=88)
    dots = LatentMap()
    explain(WHAT, r"z = z_a - \bar z_b + \bar z_c")
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    return Panel([strip], bare_strip, [minus, plus], [title, sheet, dots], show)


def show(current: Current, minus: object, plus: object) -> list[Any]:
    """What is computed, the sums for every label, and the map. Raises ValueError for what the controls do not have."""
    if minus not in (OWN_LABEL, *LABELS):
        raise ValueError(f"the label to take away must be {OWN_LABEL} or 0 to 9, got {shown(minus)}")
    if plus not in LABELS:
        raise ValueError(f"the label to add must be 0 to 9, got {shown(plus)}")
    model, codes = current.exhibit.model, current.codes
    assert isinstance(model, Decoding)  # noqa: S101  # the view needs it
    labels = torch.tensor(current.dataset.test_labels, dtype=torch.int64)
    means, start = mean_codes(codes, labels), input_code(current)
    if minus != OWN_LABEL:
        taken_away = int(str(minus))
    else:  # a picture of one's own has no label but what its neighbours say
        taken_away = voted(start[None], codes, labels, NEAREST)[0][0] if current.label is None else current.label
    sums = arithmetic(start, means[taken_away], means)
    with torch.inference_mode():
        decoded = model.decode(sums).clamp(0, 1)
    pixels = mean_pictures(current, labels)
    mixed = arithmetic(current.x, pixels[taken_away : taken_away + 1], pixels).clamp(0, 1)
    votes = [f"{label} · {count} of {NEAREST}" for label, count in voted(sums, codes, labels, NEAREST)]
    sheet = digits_sheet(
        base64_of(torch.cat((decoded, mixed))),
        10,
        "sums of codes",
        captions=[*votes, *([""] * 10)],
        rows=["codes", "pixels"],
        heads=[f"+ mean {label}" for label in LABELS],
    )
    way = torch.stack((start, sums[int(str(plus))]))
    return [
        f"**The input − the mean {taken_away} + the mean of each label**",
        gr.update(sheet=sheet),
        gr.update(**map_props(current, path=place_codes(current, way))),
    ]


_pictures: dict[str, Tensor] = {}


def mean_pictures(current: Current, labels: Tensor) -> Tensor:
    """The mean test picture of each label: (10, 1, 28, 28)."""
    sha = current.dataset.sha256
    if sha not in _pictures:
        _pictures[sha] = mean_codes(torch.cat([*batches(current.dataset.test_images)]), labels)
    return _pictures[sha]
