"""See, Slow motion: the current input goes through the model step by step, to the code and back."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import gradio as gr
import torch

from explorer.analysis.moments import Moment, Picture, about
from explorer.analysis.slow_motion import slow_motion
from explorer.models.base import Autoencoder, Generative, Masking
from explorer.models.knobs import shown
from explorer.ui.components.slow_motion import SlowMotion
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.page import Page
from explorer.ui.session import MASK_SEED, Current
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** Everything that this model computes for one picture, in order. Pixels are drawn from black to "
    "white. All other numbers are blue-green above zero and orange below, the stronger the farther from zero; each "
    "picture has a scale of its own. Where there is no number, it is hatched. Move over a picture to read single "
    "numbers; the arrow keys go from step to step."
)
SEEDS = 2**31


@view("Slow motion", place="See", order=20)
def build(page: Page) -> Panel:
    """The steps, and the digits to choose from."""
    steps, strip = SlowMotion(), Strip()
    explain(WHAT)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    return Panel([strip], bare_strip, [steps], [steps], show)


def show(current: Current, value: object) -> list[Any]:
    """All steps at once. Raises ValueError for a seed that cannot be."""
    seed, noise = asked(value)
    model = current.exhibit.model
    moments = slow_motion(model, current.x, torch.Generator().manual_seed(seed), noise=float(noise))
    return [gr.update(motion={"model": current.exhibit.id, "chance": chance(model, noise), **packed(moments)})]


def asked(value: object) -> tuple[int, bool]:
    """Seed and noise as the browser sent them, or the usual ones. Raises ValueError."""
    wishes = value if isinstance(value, dict) else {}
    seed, noise = wishes.get("seed", MASK_SEED), wishes.get("noise", True)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < SEEDS:
        raise ValueError(f"the seed must be a whole number from 0 to {SEEDS - 1}, got {shown(seed)}")
    if not isinstance(noise, bool):
        raise ValueError(f"noise must be true or false, got {shown(noise)}")
    return seed, noise


def chance(model: Autoencoder, noise: bool) -> dict[str, Any] | None:
    """What a visitor may draw again; None where nothing is drawn."""
    if isinstance(model, Generative):
        return {"again": "Draw again", "noise": noise}
    return {"again": "Hide other patches", "noise": None} if isinstance(model, Masking) else None


def packed(moments: Sequence[Moment]) -> dict[str, Any]:
    """The steps in JSON; a picture that two of them show is sent once."""
    pictures = {id(picture): picture for moment in moments for picture in moment.pictures}
    place = {key: i for i, key in enumerate(pictures)}
    steps = [
        {
            "part": moment.part,
            "title": moment.title,
            "words": moment.words,
            "frames": moment.frames,
            "signs": moment.signs,
            "pictures": [place[id(picture)] for picture in moment.pictures],
        }
        for moment in moments
    ]
    numbers = torch.cat([picture.tiles.flatten() for picture in pictures.values()]).half()
    coded = base64.b64encode(numbers.numpy().tobytes()).decode()
    return {"steps": steps, "pictures": [described(picture) for picture in pictures.values()], "numbers": coded}


def described(picture: Picture) -> dict[str, Any]:
    """A picture without its numbers."""
    return {
        "name": picture.name,
        "about": about(picture),
        "shape": list(picture.values.shape),
        "tiles": list(picture.tiles.shape),
        "across": picture.across,
        "ink": picture.is_ink,
        "uncovers": picture.uncovers,
        "marks": list(picture.marks),
    }
