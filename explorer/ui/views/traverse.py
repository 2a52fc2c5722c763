"""Latent space, Traverse: what each number of the code does to the picture."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr
import torch
from torch import Tensor

from explorer.analysis.traversal import (
    QUANTILES,
    by_strength,
    kl_per_dimension,
    normal_quantiles,
    quantiles,
    traverse,
)
from explorer.models.base import Decoding, Generative
from explorer.models.knobs import shown
from explorer.training.evaluate import batches
from explorer.ui.components.code_sliders import CodeSliders
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.images import base64_of
from explorer.ui.latent import decoder_address
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** Each row changes one number of the code and leaves all others alone; from left to right it "
    "takes the values below which 1 %, 5 % ... 99 % of the test digits' codes lie, or of the prior's draws. What "
    "matters most comes first: for a variational model the numbers with the largest KL divergence from the prior, in "
    "nats; for the others those that vary most. Above, the same by hand: turn the sliders."
)
STARTS, SCALES = ("the input", "the mean code"), ("of the test digits' codes", "of the prior, N(0, 1)")
ROWS, SLIDERS = 10, 10
KL_IMAGES = 2000


@view("Traverse", place="Latent space", order=40, needs=Decoding)
def build(page: Page) -> Panel:
    """The input, the sliders, and the sheet with its two choices."""
    strip = Strip()
    sliders = CodeSliders(decode=page.answering(decode_code, "decode"))
    with gr.Row(elem_classes="ae-choices"):
        start = gr.Radio([*STARTS], value=STARTS[0], label="Traverse from", min_width=240)
        scale = gr.Radio([*SCALES], value=SCALES[0], label="Quantiles", min_width=240)
    note = gr.Markdown(elem_classes="ae-quiet")
    sheet = Sheet(size=72)
    explain(WHAT, r"KL_d = \tfrac12 \left( \mu_d^2 + \sigma_d^2 - 1 - \ln \sigma_d^2 \right)")
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    return Panel([strip, sliders], render, [start, scale], [note, sheet], show)


def render(current: Current) -> list[Any]:
    """The digits to choose from, and the sliders at the input's code."""
    order, titles = ranked(current)
    codes, z = current.codes, input_code(current)
    wide = quantiles(codes, order[:SLIDERS], (0.001, 0.999))
    rows = [
        {"index": d, "title": titles[d], "low": _below(min(low, z[d])), "high": _above(max(high, z[d]))}
        for d, (low, high) in zip(order[:SLIDERS], wide.tolist(), strict=True)
    ]
    code = {
        "model": current.exhibit.id,
        "decoder": decoder_address(current),
        "input": rounded(z),
        "mean": rounded(codes.mean(dim=0)),
        "sliders": rows,
        "picture": base64_of(current.x),
    }
    return [*bare_strip(current), gr.update(code=code)]


def show(current: Current, start: object, scale: object) -> list[Any]:
    """The sheet. Raises ValueError for what the controls do not have."""
    if start not in STARTS:
        raise ValueError(f"the start must be one of {', '.join(STARTS)}, got {shown(start)}")
    if scale not in SCALES:
        raise ValueError(f"the quantiles must be one of {', '.join(SCALES)}, got {shown(scale)}")
    model = current.exhibit.model
    assert isinstance(model, Decoding)  # noqa: S101  # the view needs it
    order, titles = ranked(current)
    dimensions, note = order[:ROWS], ""
    if scale == SCALES[1] and not isinstance(model, Generative):
        note = "Only a variational model has a prior: these are the quantiles of the test digits' codes."
    has_prior = scale == SCALES[1] and not note
    values = normal_quantiles().repeat(len(dimensions), 1) if has_prior else quantiles(current.codes, dimensions)
    z = input_code(current) if start == STARTS[0] else current.codes.mean(dim=0)
    with torch.inference_mode():
        images = model.decode(traverse(z, dimensions, values)).clamp(0, 1)
    sheet = digits_sheet(
        base64_of(images),
        len(QUANTILES),
        "traversal",
        rows=[titles[d] for d in dimensions],
        heads=[f"{q:.0%}" for q in QUANTILES],
    )
    return [note, gr.update(sheet=sheet)]


def input_code(current: Current) -> Tensor:
    """The code of the current input: (D,)."""
    with torch.inference_mode():
        return current.exhibit.model.encode(current.x)[0].clone()


_ranked: dict[tuple[str, str], tuple[list[int], list[str]]] = {}


def ranked(current: Current) -> tuple[list[int], list[str]]:
    """The numbers of the code, the strongest first, and a title for each number: by KL or by variance."""
    key = (current.exhibit.card.weights_sha256, current.dataset.sha256)
    if key not in _ranked:
        model = current.exhibit.model
        if isinstance(model, Generative):
            with torch.inference_mode():
                parts = [model.posterior(x) for x in batches(current.dataset.test_images[:KL_IMAGES])]
            strength = kl_per_dimension(*(torch.cat(part) for part in zip(*parts, strict=True)))
            titles = [f"z{d + 1} · {kl:.2f} nats" for d, kl in enumerate(strength.tolist())]
        else:
            strength = current.codes.var(dim=0)
            titles = [f"z{d + 1} · σ {math.sqrt(one):.2g}" for d, one in enumerate(strength.tolist())]
        _ranked[key] = by_strength(strength), titles
    return _ranked[key]


def rounded(z: Tensor) -> list[float]:
    """A code for the browser."""
    return [round(float(number), 5) for number in z]


def _below(value: float | Tensor) -> float:
    return math.floor(float(value) * 10) / 10


def _above(value: float | Tensor) -> float:
    return math.ceil(float(value) * 10 + 1e-9) / 10 + (0.1 if float(value) == 0 else 0)


def decode_code(explorer: Explorer, asked: object) -> str:
    """Decode [model, code]: base64 of 784 uint8. Raises ValueError or CheckpointError."""
    if (
        not isinstance(asked, list)
        or len(asked) != 2
        or not isinstance(asked[0], str)
        or not isinstance(asked[1], list)
    ):
        raise ValueError(f"decode needs a model and a code, got {shown(asked)}")
    exhibit = explorer.gallery.open(asked[0], explorer.library.dataset)
    if not isinstance(exhibit.model, Decoding):
        raise ValueError("this model cannot decode a code")
    size = next(iter(exhibit.maps.lifts.values())).shape[0]
    numbers = asked[1]
    if len(numbers) != size or not all(
        isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e6 for one in numbers
    ):
        raise ValueError(f"the code must be {size} numbers between -1e6 and 1e6, got {shown(numbers)}")
    with torch.inference_mode():
        return base64_of(exhibit.model.decode(torch.tensor([numbers], dtype=torch.float32)))
