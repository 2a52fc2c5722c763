"""Compare, PCA duel: the same code size, PCA against a linear, a deep dense and a convolutional autoencoder."""

from __future__ import annotations

from typing import Any

import gradio as gr
import torch

from explorer.analysis.duel import rebuilt
from explorer.training.evaluate import squared_error
from explorer.training.sweep import CODE_SIZES, FAMILIES
from explorer.ui.components.duel import DuelBoard
from explorer.ui.components.strip import Strip
from explorer.ui.duelled import TITLES, chart, crossings, duel_of, own_point, slant, verdict
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** PCA keeps the k directions along which digits vary most; no other flat plane loses less. A "
    "*linear* autoencoder can only find that plane, and it does: their curves lie on each other. *Deep* and "
    "*convolutional* ones may bend the plane, and how far their curve lies below is what bending is worth. A frame "
    "marks who comes nearest to this input; what holds for one digit need not hold for all. Every answer is "
    "clipped to black and white before it is compared, PCA's too, which helps it: without that its curve is the "
    "dotted one.\n\n"
    "**The coloured pictures** have red where a number of the code adds ink and blue where it takes ink away. The "
    "decoder's columns look like nothing, because training stops at *any* basis of the plane: it was never asked for "
    "directions that are uncorrelated or sorted. Turn the columns inside their plane, which changes no "
    "reconstruction, and the components appear: wherever a turned column looks like its component, both planes hold "
    "that direction."
)
WAIT = "PCA is being fitted to all training digits. This takes a few seconds, once."
FORMULA = r"\hat x_{\mathrm{PCA}} = \bar x + U_k U_k^\top (x - \bar x), \qquad \cos \theta_i = \sigma_i(U_k^\top Q)"


@view("PCA duel", place="Compare", order=20)
def build(page: Page) -> Panel:
    """The digits on top, then the board with its slider, and what the curves say."""
    strip = Strip()
    board = DuelBoard()
    words = gr.Markdown(WAIT)
    explain(WHAT, FORMULA)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    return Panel([strip, board, words], render)


def render(current: Current) -> list[Any]:
    """The digits, everything at every code size, and the crossings. Raises CheckpointError."""
    duel, x = duel_of(current.dataset), current.x
    answers = rebuilt(duel, x)
    board = {
        "sizes": list(CODE_SIZES),
        "sides": [TITLES[side] for side in answers],
        "pictures": base64_of(torch.cat((x, *answers.values()))),
        "mse": [[round(float(error), 6) for error in squared_error(x, images)] for images in answers.values()],
        "test": [duel.mse[side] for side in answers],
        "crossings": crossings(duel),
        "words": [verdict(duel, at) for at in range(len(CODE_SIZES))],
        "slants": [slant(duel, at) for at in range(len(CODE_SIZES))],
        "chart": chart(duel, current),
        "angles": [[round(float(angle), 2) for angle in angles] for angles in duel.angles],
        "bases": f"explorer/duel/bases/all?{current.dataset.sha256[:12]}",
    }
    return [*bare_strip(current), gr.update(duel=board), about(current)]


def about(current: Current) -> str:
    """How long the autoencoders were trained, on what, and where the current model stands."""
    epochs = ", ".join(f"{shipped.title} {shipped.spec().training['epochs']}" for shipped in FAMILIES.values())
    words = (
        f"The autoencoders were trained briefly (epochs: {epochs}); longer training would lower their curves, never "
        "PCA's."
    )
    if current.dataset.is_stand_in:
        words += (
            " **The digits on show are stand-ins**: PCA was fitted to their own training digits, the autoencoders "
            "learnt from MNIST, so PCA plays at home."
        )
    if own_point(current) is None:
        words += (
            " The current model has no place in the chart: what its decoder is given is no code of 1 to 128 numbers."
        )
    return words
