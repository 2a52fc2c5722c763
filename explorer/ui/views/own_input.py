"""See, Draw or photo: a picture of one's own on its way into MNIST's format, and through the model."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Any

import anyio
import gradio as gr
import numpy as np
import torch
from PIL import Image

from explorer.data.drawing import POLARITIES, Step, drawing_steps, photo_steps
from explorer.data.picture import BYTES, read_picture
from explorer.models.base import PIXELS
from explorer.models.knobs import shown
from explorer.training.evaluate import reconstruct
from explorer.ui.components.digit_pad import RASTER, DigitPad
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.components.reconstruction import Reconstruction
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.images import base64_of
from explorer.ui.latent import map_props
from explorer.ui.page import Page
from explorer.ui.session import MASK_SEED, Current, Session
from explorer.ui.view import Panel, view
from explorer.ui.views.latent_map import clicked
from explorer.ui.views.reconstruct import way_through

WHAT = (
    "**What you see.** The models know only digits as MNIST has them: white ink on black, scaled until the longer side "
    "has 20 pixels, and placed so that the ink's centre of mass lies in the middle of 28 × 28. A drawing or a photo is "
    "brought there step by step under the pad; the last picture goes into the encoder, here and in every other view. "
    "On a photo the paper's own grey is found first and taken away; what is left is the ink. Draw something that is no "
    "digit, too: the model can only answer with what it has learnt to build."
)
SHOWN = 112  # longest side of a step's picture on the page, in pixels
PHOTOS = 2  # so many are read at once: a large one needs 200 MB while it is decoded


@view("Draw or photo", place="See", order=15)
def build(page: Page) -> Panel:
    """The pad and its steps on the left; the way through the model and the map on the right."""
    draw = page.answering(drawn, "draw")
    photo = page.answering(photographed, "photo", anyio.CapacityLimiter(PHOTOS))
    with gr.Row():
        with gr.Column(min_width=320):
            pad = DigitPad(draw=draw, photo=photo, polarities=POLARITIES)
        with gr.Column(min_width=320):
            way = Reconstruction()
            dots = LatentMap()
    explain(WHAT)
    page.on(pad.input, pad, brought)
    page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    return Panel([pad, way, dots], render)


def render(current: Current) -> list[Any]:
    """What the pad must know of the input; its way through the model; the map."""
    own, way = base64.b64encode(current.own).decode(), way_through(current)
    pad = gr.update(own=own, index=current.index, model=current.exhibit.id, result=way["reconstruction"])
    return [pad, way, gr.update(**map_props(current))]


def brought(value: object, session: Session) -> Session:
    """The pad's picture becomes the input, or the test digit again. Raises ValueError."""
    own = value.get("own") if isinstance(value, dict) else None
    return replace(session, own=b"") if own == "" else session.with_own(decoded(own, PIXELS))


def drawn(explorer: Explorer, asked: object) -> dict[str, Any]:
    """``[model, drawing]``: the input that it makes, its steps and its reconstruction.

    The drawing is base64 of RASTER x RASTER uint8. Raises ValueError or CheckpointError.
    """
    if not isinstance(asked, list) or len(asked) != 2:
        raise ValueError(f"a drawing needs a model and its pixels, got {shown(asked)}")
    pixels = np.frombuffer(decoded(asked[1], RASTER**2), np.uint8)
    if len(pixels) != RASTER**2:
        raise ValueError(f"a drawing must have {RASTER} x {RASTER} pixels, got {len(pixels)}")
    ink = pixels.reshape(RASTER, RASTER).astype(np.float32) / np.float32(255)
    return answer(explorer, asked[0], drawing_steps(ink))


def photographed(explorer: Explorer, asked: object) -> dict[str, Any]:
    """``[model, photo, polarity]``: the same of a photo, base64 of its file. Raises ValueError or CheckpointError."""
    if not isinstance(asked, list) or len(asked) != 3 or not isinstance(asked[2], str):
        raise ValueError(f"a photo needs a model, a file and the polarity of its ink, got {shown(asked)}")
    return answer(explorer, asked[0], photo_steps(read_picture(decoded(asked[1], BYTES)), asked[2]))


def answer(explorer: Explorer, model: object, steps: list[Step]) -> dict[str, Any]:
    """For the pad: the last step's picture as it is, what the model makes of it, and all steps to be shown."""
    if not isinstance(model, str):
        raise ValueError(f"the model must be named by a text, got {shown(model)}")
    own = steps[-1].picture
    x = torch.from_numpy(own.astype(np.float32) / 255)[None, None]
    seed = torch.Generator().manual_seed(MASK_SEED)
    with torch.inference_mode():
        result = reconstruct(explorer.gallery.open(model, explorer.library.dataset).model, x, seed)
    pictures = {"own": base64.b64encode(own.tobytes()).decode(), "result": base64_of(result)}
    return {**pictures, "steps": [sketch(step) for step in steps]}


def sketch(step: Step) -> dict[str, Any]:
    """A step as the pad shows it."""
    image = Image.fromarray(step.picture)
    image.thumbnail((SHOWN, SHOWN))
    pixels = base64.b64encode(image.tobytes()).decode()
    return {"title": step.title, "width": image.width, "height": image.height, "pixels": pixels}


def decoded(text: object, limit: int) -> bytes:
    """Base64 -> at most ``limit`` bytes. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError(f"a picture must come as base64, got {shown(text)}")
    if len(text) > 4 * (limit // 3 + 1):
        raise ValueError(f"a picture may have {limit:,} bytes here, this one has about {len(text) * 3 // 4:,}")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a picture must come as base64, and this is not") from error
