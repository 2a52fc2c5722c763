"""Damage, Denoise: spoil a picture in seven ways, and see who brings it back: a model, a filter, or nobody."""

from __future__ import annotations

from typing import Any

import gradio as gr
import torch
from torch import Tensor

from explorer.data.corruption import Corruption
from explorer.models.base import SIDE, Autoencoder
from explorer.models.knobs import shown
from explorer.training.runs import one_of_each
from explorer.ui.components.damage_panel import DamagePanel
from explorer.ui.components.figure import Figure
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.components.sheet import Sheet
from explorer.ui.components.strip import Strip
from explorer.ui.controls import still_ticked
from explorer.ui.denoised import CURVE_DIGITS, KINDS, answers, curves, offered, restored, sheet_of, verdict
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.images import base64_of, picture_of
from explorer.ui.latent import map_props, place_codes
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.latent_map import clicked
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** A digit is damaged, goes through the model, and what comes out is compared with the *clean* "
    "digit: by PSNR in decibels, 10 more for a tenth of the squared error, and by SSIM, which looks at structure and "
    "is 1 for equal pictures; under each of ten digits stand both. "
    "The clean digit, rebuilt, shows what the bottleneck costs before any damage. "
    "The four filters know nothing of this model, and each runs at the setting that suits the picture best, found by "
    "looking at the clean one, which is more than they could do in earnest. A frame marks who came nearest. "
    "Choose the denoising variant above, and then any other, and see what training on damaged digits is worth. The "
    "*U-Net* has no bottleneck to lose anything in, and mends a little noise best."
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
    "seed": (0, 999, 0, 1, "Seed: same for every model"),
}
CORNER = {"left": 10, "top": 10}
COMPARED = ["denoising", "unet", "dense"]


@view("Denoise", place="Damage", order=10)
def build(page: Page) -> Panel:
    """The sliders, all answers beside the way on the map, and the curve on demand."""
    strip = Strip()
    sliders = [
        {"name": name, "least": least, "most": most, "step": step, "title": title}
        for name, (least, most, _, step, title) in SLIDERS.items()
    ]
    first = {name: first for name, (_, _, first, _, _) in SLIDERS.items()}
    panel = DamagePanel({**first, **CORNER}, sliders=sliders, damage=page.answering(at_once, "damage"))
    with gr.Row(elem_classes="ae-choices"):
        pictures = gr.Radio([*PICTURES], value=PICTURES[0], label="Who brings it back?", min_width=240)
    with gr.Row():
        with gr.Column(min_width=320):
            sheet = Sheet(size=132)
            words = gr.Markdown()
        with gr.Column(min_width=320):
            gr.Markdown("**On the map**: from the clean picture's code, the cross, to the damaged one's.")
            dots = LatentMap()
    models = curve_of(page, panel)
    explain(WHAT, FORMULA)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    return Panel([strip, models], render, [pictures, panel, models], [sheet, words, panel, dots], show)


def curve_of(page: Page, panel: DamagePanel) -> gr.CheckboxGroup:
    """PSNR over strength, for models that the visitor chooses: the choice among them."""
    gr.Markdown(f"**PSNR over strength**, the mean of {CURVE_DIGITS} test digits: on top is who comes nearest.")
    with gr.Column(elem_classes="ae-choices"):
        kind = gr.Radio([*KINDS], value=next(iter(KINDS)), label="Damage", min_width=240)
        choices = offered(page.explorer.gallery)
        there = still_ticked(COMPARED, choices)
        models = gr.CheckboxGroup(choices, value=there, label="Beside the current model", min_width=240)
    draw = gr.Button("Draw the curve", size="md", min_width=200)
    figure = Figure(height=440, description="PSNR in decibels over the strength of the damage, one line a model")
    words = gr.Markdown()
    page.when(draw.click, drawn, [kind, models, panel], [figure, words])
    return models


def render(current: Current) -> list[Any]:
    """The digits and the models to choose from."""
    return [*bare_strip(current), gr.update(choices=offered(current.gallery, current.mine))]


def drawn(current: Current, kind: object, models: object, value: object) -> list[Any]:
    """The curve, and what it says. Raises ValueError for what the controls do not have."""
    return curves(current, kind, models, damage_of(value)[1])


def show(current: Current, pictures: object, value: object, _: object) -> list[Any]:
    """The sheet, the verdict, the panel and the map. Raises ValueError for what the controls do not have."""
    if pictures not in PICTURES:
        raise ValueError(f"the pictures must be one of {', '.join(PICTURES)}, got {shown(pictures)}")
    (damage, seed), x, model = damage_of(value), current.x, current.exhibit.model
    clean = x if pictures == PICTURES[0] else current.batch(one_of_each(current.dataset.test_labels))
    with torch.inference_mode():
        spoilt = damage(x, seed)
        places = place_codes(current, model.encode(torch.cat((x, spoilt))))
        given = answers(current.exhibit, current.dataset, clean, damage(clean, seed))
    desk = {"model": current.exhibit.id, "input": base64_of(x), "pictures": both(model, spoilt)}
    return [
        gr.update(sheet=sheet_of(clean, given)),
        verdict(given, damage, model),
        gr.update(desk=desk),
        gr.update(**map_props(current, path=places)),
    ]


def at_once(explorer: Explorer, asked: object) -> str:
    """The damaged picture and what the model makes of it, of [model, input, value]: base64 of twice 784 uint8.

    Raises ValueError or CheckpointError.
    """
    if not isinstance(asked, list) or len(asked) != 3 or not all(isinstance(one, str) for one in asked[:2]):
        raise ValueError(f"damage needs a model, a picture and the sliders' numbers, got {shown(asked)}")
    exhibit = explorer.gallery.open(asked[0], explorer.library.dataset)
    damage, seed = damage_of(asked[2])
    return both(exhibit.model, damage(picture_of(asked[1]), seed))


def both(model: Autoencoder, damaged: Tensor) -> str:
    """The damaged picture (1, 1, 28, 28) and the rebuilt one, for the DamagePanel component."""
    with torch.inference_mode():
        return base64_of(torch.cat((damaged, restored(model, damaged))))


def damage_of(value: object) -> tuple[Corruption, int]:
    """What the sliders and the block ask for, and the seed. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError(f"the damage must be names with their numbers, got {shown(value)}")
    checked: dict[str, Any] = {}
    for name, (least, most, _, step, label) in SLIDERS.items():
        given = number(label.partition(":")[0].lower(), value.get(name), least, most, step)
        checked[name] = int(given) if step == 1 else given
    left, top = (int(number(f"{name} of the block", value.get(name), 0, SIDE - 1, 1)) for name in CORNER)
    seed = checked.pop("seed")
    return Corruption(left=left, top=top, **checked), seed


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
