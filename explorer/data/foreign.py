"""Pictures that are no digits, or no longer: letters from a font, digits turned, digits with their pixels shuffled."""

from __future__ import annotations

import string
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from explorer.data.dataset import Pixels
from explorer.data.drawing import drawing_steps

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
LETTERS = string.ascii_uppercase + string.ascii_lowercase
SIZE = 80  # of the font, in pixels: four times a digit, so that its edges are smooth
STROKES = (1, 2, 3)  # pixels that the outline grows by: thin, middling and bold pens
SLANTS = (-12, 0, 12)  # degrees


@cache
def letters() -> Pixels:
    """All letters, large and small, in three strokes and three slants, as MNIST would have them: (468, 1, 28, 28).

    The font is the one that comes with Pillow. Letter i is ``LETTERS[i % 52]``.
    """
    font = ImageFont.load_default(SIZE)
    drawn = [letter(text, font, stroke, slant) for stroke in STROKES for slant in SLANTS for text in LETTERS]
    return read_only(np.stack(drawn)[:, None])


def letter(text: str, font: Font, stroke: int, slant: float) -> Pixels:
    """One letter (28, 28), white on black, framed like a drawing."""
    paper = Image.new("L", (2 * SIZE, 2 * SIZE))
    ImageDraw.Draw(paper).text((SIZE, SIZE), text, 255, font, anchor="mm", stroke_width=stroke)
    turned = paper.rotate(slant, Image.Resampling.BICUBIC)
    return drawing_steps(np.asarray(turned, np.float32) / np.float32(255))[-1].picture


def turned(images: Pixels) -> Pixels:
    """A quarter turn counter-clockwise: (N, 1, 28, 28), the same pixels in another place."""
    return read_only(np.rot90(images, axes=(2, 3)).copy())


def shuffled(images: Pixels, seed: int) -> Pixels:
    """Noise with just as much ink: each image's pixels (N, 1, 28, 28) in an order drawn for it."""
    rows = np.random.default_rng(seed).permuted(images.reshape(len(images), -1), axis=1)
    return read_only(rows.reshape(images.shape))


def read_only(images: Pixels) -> Pixels:
    """The same images, which nobody can write any more."""
    images.flags.writeable = False
    return images
