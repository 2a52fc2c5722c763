"""Damage, Mask and fill: hide patches of the input and see what becomes of the holes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
import torch
from torch import Tensor

from explorer.analysis.filling import (
    error_curve,
    fill,
    fill_under,
    hidden_error,
    iterate,
    paste,
    patches_in_a_row,
    random_masks,
)
from explorer.analysis.patterns import BY_SHARE, PATTERNS, UNDRAWN
from explorer.models.base import Decoding, Masking
from explorer.models.checkpoint import CheckpointError
from explorer.models.registry import variants
from explorer.ui.components.figure import Figure
from explorer.ui.components.patch_grid import PatchGrid
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.filled import SEEDS, baselines, chosen_mask, fill_asked
from explorer.ui.gallery import Exhibit
from explorer.ui.images import base64_of, base64_of_signed
from explorer.ui.kept import Kept
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** Grey patches are hidden. A *masked* autoencoder never gets them: only the visible patches go "
    "in, as tokens, and it was trained on nothing but the error at hidden patches. Every other variant gets black in "
    "their place. Beside the model stand three guesses that are no networks: the mean of all digits, the nearest "
    "visible pixel, and the best that a *linear* formula of the visible pixels can do. The error counts hidden pixels "
    "alone. In the chart the dotted upright line is where the mask above stands."
)
ABOUT_VARIANTS = (
    "**The same mask for every variant**, the smallest error first. All but the masked one get black holes."
)
START = {"pattern": "random", "share": 0.75, "seed": 0, "side": 7, "mask": ""}
STEPS = (0, 1, 2, 4, 8, 16, 32, 64)
OTHERS = 16
SHARES = (0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9)
MEASURED = 128  # test digits
DASHES = ("dash", "dot", "dashdot")


@view("Mask and fill", place="Damage", order=20)
def build(page: Page) -> Panel:
    """The digits, the grid, and what follows from its mask."""
    patterns = [{"name": name, "share": name in BY_SHARE, "seed": name not in UNDRAWN} for name in PATTERNS]
    strip = Strip()
    grid = PatchGrid(START, fill=page.answering(fill_asked, "fill"), patterns=patterns, seeds=SEEDS)
    with gr.Row():
        with gr.Column(min_width=320):
            about_others = gr.Markdown()
            others = Sheet(size=64)
            deviation = Sheet(size=128)
        with gr.Column(min_width=320):
            about_steps = gr.Markdown()
            steps = Sheet(size=96)
    with gr.Row():
        with gr.Column(min_width=320):
            gr.Markdown(ABOUT_VARIANTS)
            models = Sheet(size=96)
        with gr.Column(min_width=320):
            gr.Markdown(f"**Error over the share hidden**: mean of {MEASURED} test digits under random masks.")
            curve = Figure(
                height=340, description="Error at hidden pixels over the share of hidden patches, four lines"
            )
    explain(WHAT, r"\text{error} = \frac{1}{|H|} \sum_{i \in H} (x_i - \hat x_i)^2, \quad H = \text{hidden pixels}")
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    results = [about_others, others, deviation, about_steps, steps, models, curve]
    return Panel([strip, grid], render, [grid], results, show)


def render(current: Current) -> list[Any]:
    """The digits to choose from, and the grid of this model on the input."""
    model = current.exhibit.model
    patches = {
        "model": current.exhibit.id,
        "side": patches_in_a_row(model),
        "picture": base64_of(current.x),
        "tokens": isinstance(model, Masking),
    }
    return [*bare_strip(current), gr.update(patches=patches)]


def show(current: Current, value: object) -> list[Any]:
    """All that follows from the mask. Raises ValueError for a mask that the grid does not have."""
    side = patches_in_a_row(current.exhibit.model)
    mask = chosen_mask(value, side)
    hidden = int(mask.sum())
    return [
        *under_other_masks(current, side, hidden),
        *again_and_again(current, mask[None]),
        gr.update(sheet=by_variant(current, mask[None]) if hidden else None),
        drawn(curves(current), [count / side**2 for count in counts(side)], hidden / side**2),
    ]


def under_other_masks(current: Current, side: int, hidden: int) -> list[Any]:
    """The same picture with as many patches hidden elsewhere: a heading, the pictures, and where they differ."""
    if not 0 < hidden < side * side:
        words = "**Other masks of the same size**: there are none, because nothing or everything is hidden."
        return [words, gr.update(sheet=None), gr.update(sheet=None)]
    masks = random_masks(OTHERS, side, hidden, torch.Generator().manual_seed(0))
    found = fill_under(current.exhibit.model, current.x, masks)
    errors = [float(error) for error in found.errors]
    words = (
        f"**The same picture under {OTHERS} random masks**, {hidden} of {side * side} patches hidden each. The error "
        f"lies between {min(errors):.4f} and {max(errors):.4f}: which patches remain matters. In the last picture, the "
        "redder the more the answers for a pixel differ from mask to mask; there the model is unsure."
    )
    pasted = digits_sheet(
        base64_of(found.pictures), 8, "filled under another mask", captions=[f"{error:.3f}" for error in errors]
    )
    spread = digits_sheet(
        base64_of_signed(found.deviation), 1, "where the answers differ", captions=["standard deviation"], signed=True
    )
    return [words, gr.update(sheet=pasted), gr.update(sheet=spread)]


def again_and_again(current: Current, masks: Tensor) -> list[Any]:
    """A heading, and how a picture with black holes is mended step by step by a model that has a code."""
    exhibit = current.exhibit
    if not isinstance(exhibit.model, Decoding):
        exhibit = current.gallery.open("variational", current.dataset)
    model = exhibit.model
    assert isinstance(model, Decoding)  # noqa: S101  # the shipped one is
    if not bool(masks.any()):
        return ["**Filled again and again**: nothing is hidden.", gr.update(sheet=None)]
    pictures = iterate(model, current.x, masks, STEPS[-1])[list(STEPS)]
    errors = hidden_error(current.x.expand_as(pictures), pictures, masks.expand(len(STEPS), -1))
    which = "This model" if exhibit is current.exhibit else f"The {exhibit.variant.title.lower()} one"
    words = (
        f"**Filled again and again.** {which} encodes the picture and decodes it; the visible pixels are put back, and "
        "so on. Each round the code follows the holes less and what is visible more. Under each: the error."
    )
    rounds = ["black holes", "1 round", *(f"{step} rounds" for step in STEPS[2:])]
    captions = [f"{name} · {float(error):.4f}" for name, error in zip(rounds, errors, strict=True)]
    return [words, gr.update(sheet=digits_sheet(base64_of(pictures), len(STEPS) // 2, "filled", captions=captions))]


def by_variant(current: Current, masks: Tensor) -> dict[str, Any]:
    """What a shipped model of each variant makes of the same mask, the best first."""
    found = []
    for exhibit in comparable(current, masks):
        answer = fill(exhibit.model, current.x, masks)
        error = float(hidden_error(current.x, answer, masks))
        found.append((error, exhibit.variant.title, paste(current.x, answer, masks)))
    found.sort(key=lambda one: one[0])
    captions = [f"{title} · {error:.4f}" for error, title, _ in found]
    return digits_sheet(base64_of(torch.cat([picture for *_, picture in found])), 4, "filled", captions=captions)


def comparable(current: Current, masks: Tensor) -> Iterator[Exhibit]:
    """One model of each variant, the current one for its own; only those that can take such a mask."""
    for name in variants():
        offered = [str(one["id"]) for one in current.gallery.of(name)]
        try:
            exhibit = current.exhibit
            if name != exhibit.card.variant:
                exhibit = current.gallery.open(offered[0], current.dataset)
        except (CheckpointError, IndexError):
            continue  # damaged, or none shipped; the picker does not offer it either
        model = exhibit.model
        if not isinstance(model, Masking) or (model.patches == masks.shape[1] and not bool(masks.all())):
            yield exhibit


_curves: Kept[dict[str, list[float]]] = Kept(24)


def counts(side: int) -> list[int]:
    """How many patches are hidden for each of SHARES; with few patches some shares are the same."""
    return sorted({min(max(round(share * side**2), 1), side**2 - 1) for share in SHARES})


def curves(current: Current) -> dict[str, list[float]]:
    """The error for each of the counts, of the model and of the guesses without one; kept for each model."""
    model = current.exhibit.model
    hidden = counts(patches_in_a_row(model))
    images, others = current.dataset.test_images[:MEASURED], baselines(current.dataset)
    return _curves.get(
        (current.exhibit.card.weights_sha256, current.dataset.sha256),
        lambda: error_curve(model, images, hidden, others, torch.Generator().manual_seed(0)),
    )


def drawn(errors: dict[str, list[float]], shares: list[float], now: float) -> dict[str, Any]:
    """The curves over these shares of hidden patches, and a line where the mask of the moment is."""
    styles = [{"width": 3}, *({"width": 1.5, "dash": dash} for dash in DASHES)]
    data = [
        {"type": "scatter", "name": name, "x": shares, "y": [round(one, 5) for one in values], "line": line}
        for (name, values), line in zip(errors.items(), styles, strict=True)
    ]
    here = {
        "type": "line",
        "x0": now,
        "x1": now,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"dash": "dot", "width": 1},
    }
    axes = {
        "xaxis": {"title": {"text": "share of patches hidden"}, "tickformat": ".0%", "range": [0, 1]},
        "yaxis": {"title": {"text": "error at hidden pixels"}, "rangemode": "tozero"},
    }
    return {"data": data, "layout": {**axes, "shapes": [here]}}
