"""Damage, Denoise: spoil a picture in seven ways, and see who brings it back: a model, a filter, or nobody."""

from __future__ import annotations

from typing import Any

import gradio as gr
import torch

from explorer.data.corruption import Corruption
from explorer.models.knobs import shown
from explorer.training.runs import one_of_each
from explorer.ui.components.block_board import BlockBoard, corner
from explorer.ui.components.figure import Figure
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.components.sheet import Sheet
from explorer.ui.components.strip import Strip
from explorer.ui.denoised import CURVE_DIGITS, KINDS, answers, curves, offered, sheet_of, verdict
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.latent import map_props, place_codes
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.latent_map import clicked, decoder_for
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** A digit is damaged, goes through the model, and what comes out is compared with the *clean* "
    "digit: by PSNR in decibels, 10 more for a tenth of the squared error, and by SSIM, which looks at structure and "
    "is 1 for equal pictures. The clean digit, rebuilt, shows what the bottleneck costs before any damage. "
    "The four filters know nothing of this model, and each runs at the setting that suits the picture best, found by "
    "looking at the clean one, which is more than they could do in earnest. A frame marks who came nearest. "
    "Choose the denoising variant above, and then any other, and see what training on damaged digits is worth."
)
FORMULA = r"\mathrm{PSNR} = 10 \log_{10} \frac{1}{\tfrac{1}{784} \lVert x - \hat x \rVert^2}"
PICTURES = ("the input", "ten test digits")
SLIDERS: dict[str, tuple[float, float, float, float, str]] = {  # least, most, first, step, label
    "noise": (0, 1, 0.4, 0.01, "Gaussian noise: σ"),
    "random": (0, 1, 0, 0.01, "Salt and pepper: share"),
    "missing": (0, 1, 0, 0.01, "Missing pixels: share"),
    "blur": (0, 4, 0, 0.1, "Blur: σ"),
    "turn": (-180, 180, 0, 5, "Turn: degrees"),
    "block": (0, 20, 0, 1, "Black block: side"),
    "right": (-14, 14, 0, 1, "Shift right"),
    "down": (-14, 14, 0, 1, "Shift down"),
}
SEEDS = 999
COMPARED = ["denoising", "dense", "linear"]


@view("Denoise", place="Damage", order=10)
def build(page: Page) -> Panel:
    """The pictures beside the sliders, the way on the map, and the curve on demand."""
    strip = Strip()
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            with gr.Row(elem_classes="ae-choices"):
                pictures = gr.Radio([*PICTURES], value=PICTURES[0], label="Pictures", min_width=240)
            sheet = Sheet(size=132)
            words = gr.Markdown()
        with gr.Column(scale=2, min_width=320), gr.Row(elem_classes="ae-choices"):
            sliders = [
                gr.Slider(least, most, first, step=step, label=label, min_width=200)
                for least, most, first, step, label in SLIDERS.values()
            ]
            seed = gr.Slider(0, SEEDS, 0, step=1, label="Seed: the same noise for every model", min_width=200)
            undo = gr.Button("No damage", size="md", min_width=200)
    with gr.Row():
        with gr.Column(scale=1, min_width=240):
            gr.Markdown("**The damaged picture**")
            board = BlockBoard({"left": 10, "top": 10}, min_width=196)
        with gr.Column(scale=3, min_width=320):
            gr.Markdown("**On the map**: from the clean picture's code, the cross, to the damaged one's.")
            dots = LatentMap(decode=decoder_for(page.explorer))
    models = curve_of(page, seed)
    explain(WHAT, FORMULA)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    controls, results = [pictures, board, seed, *sliders], [sheet, words, board, dots]
    page.when(undo.click, undone, [pictures, board, seed], [*sliders, *results])
    return Panel([strip, models], render, controls, results, show)


def curve_of(page: Page, seed: gr.Slider) -> gr.CheckboxGroup:
    """PSNR over strength, for models that the visitor chooses: the choice among them."""
    gr.Markdown(f"**PSNR over strength**, the mean of {CURVE_DIGITS} test digits: on top is who comes nearest.")
    with gr.Column(elem_classes="ae-choices"):
        kind = gr.Radio([*KINDS], value=next(iter(KINDS)), label="Damage", min_width=240)
        models = gr.CheckboxGroup([], value=COMPARED, label="Beside the current model", min_width=240)
    draw = gr.Button("Draw the curve", size="md", min_width=200)
    figure = Figure(height=440, description="PSNR in decibels over the strength of the damage, one line a model")
    words = gr.Markdown()
    page.when(draw.click, drawn, [kind, models, seed], [figure, words])
    return models


def render(current: Current) -> list[Any]:
    """The digits and the models to choose from."""
    return [*bare_strip(current), gr.update(choices=offered(current.gallery, current.mine))]


def drawn(current: Current, kind: object, models: object, seed: object) -> list[Any]:
    """The curve, and what it says. Raises ValueError for what the controls do not have."""
    return curves(current, kind, models, int(number("the seed", seed, 0, SEEDS, 1)))


def undone(current: Current, pictures: object, board: object, seed: object) -> list[Any]:
    """All sliders at zero, and what is seen then."""
    zeros = [0 for _ in SLIDERS]
    return [*zeros, *show(current, pictures, board, seed, *zeros)]


def show(current: Current, pictures: object, board: object, seed: object, *strengths: object) -> list[Any]:
    """The sheet, the verdict, the board and the map. Raises ValueError for what the controls do not have."""
    if pictures not in PICTURES:
        raise ValueError(f"the pictures must be one of {', '.join(PICTURES)}, got {shown(pictures)}")
    damage, throw = damage_of(board, strengths), int(number("the seed", seed, 0, SEEDS, 1))
    x, model = current.x, current.exhibit.model
    clean = x if pictures == PICTURES[0] else current.batch(one_of_each(current.dataset.test_labels))
    with torch.inference_mode():
        spoilt, damaged = damage(x, throw), damage(clean, throw)
        places = place_codes(current, model.encode(torch.cat((x, spoilt))))
        given = answers(current.exhibit, current.dataset, clean, damaged)
    return [
        gr.update(sheet=sheet_of(clean, given)),
        verdict(given, damage, model),
        gr.update(board={"picture": base64_of(spoilt), "side": damage.block}),
        gr.update(**map_props(current, path=places)),
    ]


def damage_of(board: object, strengths: tuple[object, ...]) -> Corruption:
    """What the sliders and the board ask for. Raises ValueError."""
    left, top = corner(board)
    checked: dict[str, Any] = {}
    for (name, (least, most, _, step, label)), value in zip(SLIDERS.items(), strengths, strict=True):
        given = number(label.partition(":")[0].lower(), value, least, most, step)
        checked[name] = int(given) if step == 1 else given
    return Corruption(left=left, top=top, **checked)


def number(name: str, value: object, least: float, most: float, step: float) -> float:
    """A slider's number. Raises ValueError for one beyond its ends, or a broken one where whole ones belong."""
    is_whole = step == 1
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and least <= value <= most
        and (not is_whole or value == int(value))
    ):
        return float(value)
    raise ValueError(f"{name} must be a {'whole ' * is_whole}number from {least} to {most}, got {shown(value)}")
