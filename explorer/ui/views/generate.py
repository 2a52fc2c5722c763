"""Latent space, Generate: new digits from three guesses at where codes lie."""

from __future__ import annotations

from typing import Any

import gradio as gr
import torch

from explorer.analysis.codes import codes
from explorer.analysis.generation import Gaussians, mixture, one_gaussian
from explorer.models.base import Decoding, Generative
from explorer.models.knobs import shown
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.kept import Kept
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view

WHAT = (
    "**What you see.** Codes are drawn at random and decoded. *Prior*: the bell curve around zero that a variational "
    "model was trained to fill, so its draws are digits. *One bell curve*: the mean and the covariance of up to "
    "3,000 training digits' codes. A plain autoencoder leaves holes between its clouds of codes; a single bell curve "
    "covers the holes too, and the decoder, which never saw a code from there, invents. *Twenty bell curves*: a "
    "mixture fitted to the same codes follows the clouds and does better, but then the mixture is the generator; "
    "besides, it varies along at most 16 main directions of the codes, the one bell curve along all. *Temperature* "
    "multiplies every deviation from the middle of a bell curve."
)
FITTED_ON = 3000
COLUMNS, DRAWS = 5, 25
SEEDS = 999


@view("Generate", place="Latent space", order=50, needs=Decoding)
def build(page: Page) -> Panel:  # noqa: ARG001  # nothing here changes the session
    """Two sliders and three sheets."""
    with gr.Row(elem_classes="ae-choices"):
        temperature = gr.Slider(0.1, 2, 1, step=0.05, label="Temperature", min_width=240)
        seed = gr.Slider(0, SEEDS, 0, step=1, label="Seed: another one draws other codes", min_width=240)
    headings, sheets = [], []
    with gr.Row():
        for _ in range(3):
            with gr.Column(min_width=300):
                headings.append(gr.Markdown())
                sheets.append(Sheet(size=68))
    note = gr.Markdown(elem_classes="ae-quiet")
    explain(WHAT)
    return Panel([], lambda _: [], [temperature, seed], [*headings, *sheets, note], show)


def show(current: Current, temperature: object, seed: object) -> list[Any]:
    """Headings, sheets, and a note on what the draws lack. Raises ValueError for what the sliders do not have."""
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0 <= temperature <= 2:
        raise ValueError(f"the temperature must lie between 0 and 2, got {shown(temperature)}")
    if isinstance(seed, bool) or not isinstance(seed, int | float) or seed not in range(SEEDS + 1):
        raise ValueError(f"the seed must be a whole number from 0 to {SEEDS}, got {shown(seed)}")
    model, heat, known = current.exhibit.model, float(temperature), fitted(current)
    assert isinstance(model, Decoding)  # noqa: S101  # the view needs it
    bell, bells = (one.sample(DRAWS, heat, torch.Generator().manual_seed(int(seed))) for one in known[:2])
    headings = ["**From one bell curve**", "**From twenty bell curves**"]
    sheets: list[dict[str, Any] | None] = []
    drawn = [bell, bells]
    if isinstance(model, Generative):
        headings.insert(0, "**From the prior**")
        drawn.insert(0, heat * model.sample_prior(DRAWS, torch.Generator().manual_seed(int(seed))))
    for heading, z in zip(headings, drawn, strict=True):
        with torch.inference_mode():
            images = model.decode(z).clamp(0, 1)
        sheets.append(digits_sheet(base64_of(images), COLUMNS, heading.strip("*")))
    if len(sheets) < 3:
        headings.insert(
            0, "**From the prior**: this model has none. Nothing in its training says where codes shall lie."
        )
        sheets.insert(0, None)
    return [*headings, *(gr.update(sheet=sheet) for sheet in sheets), about_sparsity(known[2], bell.shape[1])]


def about_sparsity(awake: float, size: int) -> str:
    """What a bell curve does to a sparse code, in words; nothing if the code is not sparse."""
    if awake > 0.9:
        return ""
    return (
        f"A real code of this model has {awake * size:.0f} of its {size:,} numbers awake on average. A bell curve "
        "knows nothing of zeros: nearly all numbers of its draws are awake, and the sum of so many parts is a blur."
    )


_fitted: Kept[tuple[Gaussians, Gaussians, float]] = Kept(24)  # a mixture for a code of 1,000 numbers takes some MB


def fitted(current: Current) -> tuple[Gaussians, Gaussians, float]:
    """One bell curve, several, and the share of awake numbers, of the training digits' codes; kept for each model."""
    key = (current.exhibit.card.weights_sha256, current.dataset.sha256)

    def fit() -> tuple[Gaussians, Gaussians, float]:
        z = codes(current.exhibit.model, current.dataset.train_images[:FITTED_ON]).float()
        return one_gaussian(z), mixture(z), float((z != 0).float().mean())

    return _fitted.get(key, fit)
