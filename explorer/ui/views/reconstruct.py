"""See, Reconstruct: the current input, its code and its reconstruction, beside the map of all codes."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
import torch

from explorer.models.base import Decoding, Masking
from explorer.models.knobs import shown
from explorer.training.evaluate import reconstruct, squared_error
from explorer.training.runs import one_of_each
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.components.reconstruction import Reconstruction
from explorer.ui.components.source import Source
from explorer.ui.components.strip import Strip
from explorer.ui.explain import LATEX
from explorer.ui.images import base64_of, base64_of_signed
from explorer.ui.latent import map_props
from explorer.ui.page import Page
from explorer.ui.session import MASK_SEED, Current, Session
from explorer.ui.view import Panel, view
from explorer.ui.views.latent_map import clicked

WHAT = (
    "**What you see.** A digit goes in on the left. The encoder turns it into the *code*, and the decoder builds the "
    "digit again, in most variants from the code alone; whatever got lost is the *error*. Each dot of the map is the "
    "code of one test digit, coloured by its label: move over it and the code under the mouse is decoded, if it can be."
)
BESIDES = "More than the code shown goes to this model's output, so a code alone cannot be decoded."


@view("Reconstruct", place="See", order=10)
def build(page: Page) -> Panel:
    """Pictures on the left, the map on the right; digits to choose from underneath."""
    with gr.Row():
        with gr.Column(min_width=320):
            way = Reconstruction()
            strip = Strip()
        with gr.Column(min_width=320):
            dots = LatentMap()
    gr.Markdown(WHAT, elem_classes="ae-explain")
    with gr.Accordion("How this variant works", open=False):
        lesson = gr.Markdown(latex_delimiters=LATEX, elem_classes="ae-explain", container=False)
        source = Source()
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    return Panel([way, strip, dots, lesson, source], render)


def render(current: Current) -> list[Any]:
    """Input, code, reconstruction; the ten digits; the map; the lesson."""
    variant = current.exhibit.variant
    row = gr.update(**strip_props(current, ten_digits(current)))
    source = {"title": f"The code of this variant: {variant.name}.py", "text": variant.source}
    return [way_through(current), row, gr.update(**map_props(current)), variant.lesson, source]


def way_through(current: Current) -> dict[str, Any]:
    """The current input's way through the model, for the Reconstruction component."""
    x, model = current.x, current.exhibit.model
    with torch.inference_mode():
        z = model.encode(x)[0]
        result = reconstruct(model, x, torch.Generator().manual_seed(MASK_SEED))
        mse = float(squared_error(x, result))
    facts: dict[str, Any] = {
        "input": base64_of(x),
        "reconstruction": base64_of(result),
        "error": base64_of_signed(result - x),
        "code": [round(float(number), 4) for number in z],
        "mse": mse,
        "psnr": float(-10 * np.log10(max(mse, 1e-10))),
        "label": current.label,
        "index": None if current.own else current.index,
    }
    if isinstance(model, Masking):
        ratio = float(current.exhibit.card.settings["mask_ratio"])
        mask = model.random_mask(1, ratio, torch.Generator().manual_seed(MASK_SEED))[0]
        facts["mask"] = "".join("1" if hidden else "0" for hidden in mask)
        facts["note"] = (
            f"{int(mask.sum())} of {len(mask)} patches were hidden from the encoder, and only those are filled in; the "
            "visible ones are copied. The code shown is the mean of the tokens with nothing hidden."
        )
    elif not isinstance(model, Decoding):
        facts["note"] = BESIDES
    return facts


def ten_digits(current: Current) -> dict[str, Any]:
    """One test digit of each label with its reconstruction, for the Strip component."""
    indices = one_of_each(current.dataset.test_labels)
    x = current.batch(indices)
    with torch.inference_mode():
        results = reconstruct(current.exhibit.model, x, torch.Generator().manual_seed(MASK_SEED))
    return {
        "indices": indices,
        "labels": [int(current.dataset.test_labels[index]) for index in indices],
        "inputs": base64_of(x),
        "reconstructions": base64_of(results),
    }


def bare_strip(current: Current) -> list[Any]:
    """The row of ten digits in views that show their own reconstructions."""
    digits = {**ten_digits(current), "reconstructions": ""}
    return [gr.update(**strip_props(current, digits))]


def strip_props(current: Current, digits: dict[str, Any]) -> dict[str, Any]:
    """What the Strip component shows; none of its digits is marked while the visitor's own picture is the input."""
    chosen = {"index": None if current.own else current.index}
    return {"value": chosen, "digits": digits, "count": len(current.dataset.test_images)}


def taken(value: object, session: Session, page: Page) -> Session:
    """A digit of the row, a typed number, or a throw of the dice. Raises ValueError."""
    dataset = page.explorer.library.dataset
    if not isinstance(value, dict):
        raise ValueError(f"the choice must be a digit, got {shown(value)}")
    if "index" in value:
        return session.with_index(value["index"], dataset)
    label, throw = value.get("label"), value.get("roll")
    if label is not None and (isinstance(label, bool) or not isinstance(label, int) or not 0 <= label <= 9):
        raise ValueError(f"the label must be a whole number from 0 to 9, got {shown(label)}")
    if isinstance(throw, bool) or not isinstance(throw, int) or not 0 <= throw < 2**31:
        raise ValueError(f"roll must be a whole number from 0, got {shown(throw)}")
    labels = dataset.test_labels
    pool = np.flatnonzero(labels == label) if label is not None else np.arange(len(labels))
    pool = pool[pool != session.index]  # another one, always
    return session.with_index(int(np.random.default_rng().choice(pool)), dataset)
