"""From a drawing or a photo to a digit as MNIST has them, step by step.

MNIST's digits were cropped to their ink, scaled with anti-aliasing until the longer side had 20 pixels, and laid on
28 x 28 pixels so that the centre of mass of the ink came to the middle (LeCun et al., 1998). A drawing needs no more.
On a photo the ink has to be found first: the paper is not evenly lit, and a pen's line is thinner than MNIST's strokes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from explorer.data.dataset import Pixels
from explorer.data.picture import Greys, PictureError

BOX = 20  # longest side of a digit, in pixels
CENTRE = 14  # where MNIST's centres of mass lie, counting pixels from 0 (14.0 on average, down and across)
INK = 0.05  # what is not brighter is paper
THIN, THICK = 0.07, 0.11  # a stroke over the digit's longer side: below the one it is thickened to the other
POLARITIES = ("automatic", "dark on light", "light on dark")
NO_INK = "there is no ink in this picture"


@dataclass(frozen=True)
class Step:
    """A picture on its way (height, width), from 0 black to 255 white, and what has been done."""

    title: str
    picture: Pixels


def drawing_steps(ink: Greys) -> list[Step]:
    """A drawing (height, width), bright ink on black, in [0, 1] -> its way; the last picture is (28, 28).

    Raises PictureError for a drawing without ink.
    """
    return framing_steps(cropped(ink))


def photo_steps(grey: Greys, polarity: str = POLARITIES[0]) -> list[Step]:
    """A photo's greys in [0, 1] -> its way into MNIST's format; the last picture is (28, 28).

    Raises PictureError where there is no ink, ValueError for a ``polarity`` that is none of POLARITIES.
    """
    ink, is_dark = find_ink(grey, polarity)
    crop = cropped(ink)
    words = "dark, so inverted" if is_dark else "light"
    steps = [Step("in greys", bytes_of(grey)), Step(f"its ink: {words}", bytes_of(ink))]
    if stroke_width(crop) < THIN * max(crop.shape):
        steps.append(Step("cropped", bytes_of(crop)))
        crop = cropped(thickened(crop))
        return [*steps, Step("thick as MNIST's ink", bytes_of(crop)), *framing_steps(crop)[1:]]
    return [*steps, *framing_steps(crop)]


def framing_steps(crop: Greys) -> list[Step]:
    """Ink cropped to its bounds -> the crop, the box of 20 pixels, and the place in 28 x 28."""
    boxed = scaled(crop)
    height, width = boxed.shape
    return [
        Step("cropped", bytes_of(crop)),
        Step(f"box of {BOX}: {width} × {height}", bytes_of(boxed)),
        Step("centred by its mass", bytes_of(centred(boxed))),
    ]


def bytes_of(grey: Greys) -> Pixels:
    """Greys in [0, 1] -> 0 to 255."""
    return np.round(np.clip(grey, 0, 1) * 255).astype(np.uint8)


def cropped(ink: Greys) -> Greys:
    """Cut off the paper around the ink. Raises PictureError if there is nothing else."""
    rows, columns = (np.flatnonzero((ink > INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise PictureError(NO_INK)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scaled(crop: Greys) -> Greys:
    """Anti-aliased until the longer side has 20 pixels; the shorter one keeps its share, and at least one pixel."""
    height, width = (max(1, round(side * BOX / max(crop.shape))) for side in crop.shape)
    image = Image.fromarray(np.ascontiguousarray(crop, np.float32)).resize((width, height), Image.Resampling.HAMMING)
    small = np.clip(np.asarray(image), 0, 1)
    boxed: Greys = small / small.max()
    return boxed


def centred(boxed: Greys) -> Greys:
    """Into 28 x 28 by whole pixels, the centre of mass as near to CENTRE as they allow."""
    height, width = boxed.shape
    top, left = first_row(boxed.sum(axis=1)), first_row(boxed.sum(axis=0))
    image = np.zeros((28, 28), np.float32)
    image[top : top + height, left : left + width] = boxed
    return image


def first_row(ink: Greys) -> int:
    """Where a digit's first row (or column) goes, by the ink that each has."""
    centre = float((ink * np.arange(len(ink))).sum() / ink.sum())
    return min(max(round(CENTRE - centre), 0), 28 - len(ink))


def find_ink(grey: Greys, polarity: str = POLARITIES[0]) -> tuple[Greys, bool]:
    """Tell ink from paper: ink (height, width) from 0 paper to 1, and whether it was dark.

    Ink is what stands out from the paper's own noise; small specks are left out. Raises PictureError if nothing stands
    out, ValueError for a polarity that does not exist.
    """
    if polarity not in POLARITIES:
        raise ValueError(f"the ink must be one of {', '.join(POLARITIES)}, got {polarity!r}")
    away = grey - paper(grey)
    noise = 1.4826 * float(np.median(np.abs(away)))  # the standard deviation, were it Gaussian
    dark, light = (float(np.clip(side - 4 * noise, 0, None).sum()) for side in (-away, away))
    is_dark = dark > light if polarity == POLARITIES[0] else polarity == POLARITIES[1]
    ink = np.clip(-away if is_dark else away, 0, None)
    few = min(30, 1 + ink.size // 1000)  # a pixel or two may be a flaw of the camera
    peak = float(np.partition(ink, -few, axis=None)[-few])
    if peak < max(0.06, 6 * noise):
        raise PictureError(NO_INK)
    ink = np.clip(ink / peak, 0, 1)
    kept = without_specks(ink, max(6 * noise / peak, min(0.5, otsu(ink))))
    return kept / kept.max(), is_dark  # a speck may have been darker than the digit


def paper(grey: Greys) -> Greys:
    """The paper's own grey at every pixel: a quadratic surface through all that is not ink, begun at the frame."""
    step = max(1, max(grey.shape) // 64)
    few = grey[::step, ::step]
    y, x = (np.linspace(-1, 1, size, dtype=np.float32) for size in grey.shape)
    down, across = np.meshgrid(y[::step], x[::step], indexing="ij")
    terms = np.stack([np.ones_like(down), across, down, across**2, across * down, down**2])  # (6, h, w)
    frame = np.maximum(np.abs(down), np.abs(across)) > 0.8
    is_paper = frame & (np.abs(few - np.median(few[frame])) < 0.25)
    for _ in range(6):
        known = terms[:, is_paper]
        gram = known @ known.T + 1e-3 * np.eye(6)  # a little ridge: a picture one pixel wide has no slope
        surface = np.linalg.solve(gram, known @ few[is_paper])
        away = few - np.einsum("i,ihw->hw", surface, terms)
        spread = 1.4826 * float(np.median(np.abs(away[is_paper])))
        is_paper = np.abs(away) < max(3 * spread, 0.02)
    plain, east, south, east2, both, south2 = surface
    rows, columns = plain + south * y + south2 * y**2, east * x + east2 * x**2
    full: Greys = (rows[:, None] + columns + both * np.outer(y, x)).astype(np.float32)
    return full


def otsu(ink: Greys) -> float:
    """The threshold between two kinds of greys in [0, 1] that differ most from each other. Otsu 1979."""
    counts, edges = np.histogram(ink, bins=128, range=(0, 1))
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = np.cumsum(counts), np.cumsum(counts * middles)
    above = below[-1] - below
    difference = sums / np.maximum(below, 1) - (sums[-1] - sums) / np.maximum(above, 1)
    return float(edges[1:][np.argmax(below * above * difference**2)])


def without_specks(ink: Greys, threshold: float) -> Greys:
    """Ink above half the threshold where it hangs together with ink above it, in pieces of some size."""
    from scipy import ndimage

    pieces, count = ndimage.label(ink > threshold / 2, np.ones((3, 3)))
    sizes = ndimage.sum_labels(ink > threshold, pieces, np.arange(1, count + 1))
    if not count or sizes.max() == 0:
        raise PictureError(NO_INK)
    is_kept = np.concatenate(([False], sizes >= 0.05 * sizes.max()))
    kept: Greys = np.where(is_kept[pieces], ink, np.float32(0))
    return kept


def stroke_width(crop: Greys) -> float:
    """The mean width of its strokes in pixels: on a line w wide they are 1, 2 ... w / 2 ... 2, 1 from paper."""
    from scipy import ndimage

    inside = np.pad(crop > 0.5, 1)
    return 4 * float(ndimage.distance_transform_edt(inside)[inside].mean()) - 2 if inside.any() else 0.0


def thickened(crop: Greys) -> Greys:
    """Thin strokes grown to the share of the digit's longer side that is usual in MNIST."""
    from scipy import ndimage

    grow = (THICK * max(crop.shape) - stroke_width(crop)) / 2
    margin = int(grow) + 2
    inside = np.pad(crop > 0.5, margin)
    distance = ndimage.distance_transform_edt(~inside)
    grown: Greys = np.clip(grow + 0.5 - distance, 0, 1).astype(np.float32)
    return grown
