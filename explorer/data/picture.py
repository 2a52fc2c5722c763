"""Reads any picture that a visitor brings, as greys, and refuses with one sentence what is none.

A file is not trusted: its kind is found from a fixed list, its size is looked at before a pixel is decoded, and
whatever a decoder trips over becomes a ``PictureError``.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.Image import Transpose

Greys = NDArray[np.float32]

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
BYTES = 2 * 2**20  # the longest file
PIXELS = (
    12_500_000  # the largest picture: a phone's 4,032 x 3,024 and no more, as decoding a WebP takes 16 bytes a pixel
)
SIDE = 512  # what is longer is reduced by whole numbers of pixels, to less than twice this
TURNS = {  # what undoes each orientation that EXIF knows
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


class PictureError(ValueError):
    """A picture that cannot be used; the sentence says why."""


def read_picture(data: bytes) -> Greys:
    """The bytes of a picture file -> (height, width) greys in [0, 1], 0 black and 1 white, at most 1,023 either way.

    Of several frames the first is taken; the camera's orientation is obeyed; colours become their luminance, and what
    is transparent shows a paper on which the ink can be seen. Raises PictureError.
    """
    if not data:
        raise PictureError("the picture is empty")
    if len(data) > BYTES:
        raise PictureError(f"a picture may have {BYTES // 2**20} MB, this one has {len(data) / 2**20:.1f}")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            require_small(*image.size)
            return greys_of(upright(image))
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"a picture may have {PIXELS:,} pixels, this one has far more") from error
    except UnidentifiedImageError as error:
        raise PictureError(f"this is no picture in one of the formats {', '.join(FORMATS)}") from error
    except Exception as error:  # a decoder fed with nonsense fails in any way it likes
        raise PictureError("the picture is damaged and cannot be read") from error


def require_small(width: int, height: int) -> None:
    """Raises PictureError for more pixels than are decoded."""
    if width * height > PIXELS:
        raise PictureError(f"a picture may have {PIXELS:,} pixels, this one has {width:,} x {height:,}")


def upright(image: Image.Image) -> Image.Image:
    """The first frame, reduced, as the camera was held."""
    image.draft(None, (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
    image.load()  # a TIFF turns itself
    turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    frame = image
    if image.mode == "P" or (image.mode in ("1", "L", "RGB") and "transparency" in image.info):
        frame = image.convert("RGBA")
    elif image.mode == "1":
        frame = image.convert("L")
    elif image.mode.startswith("I;16"):
        frame = Image.fromarray(np.asarray(image).astype(np.float32) / 65535)
    factor = max(1, max(frame.size) // SIDE)
    if factor > 1:
        frame = frame.reduce(factor)
    return frame if turn is None else frame.transpose(turn)


def greys_of(image: Image.Image) -> Greys:
    """A decoded picture of any mode -> greys in [0, 1]."""
    if image.mode in ("I", "F"):
        return spread(np.asarray(image, np.float32))
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        pixels = image.convert("RGBA")
        return on_paper(shares(pixels.convert("L")), shares(pixels.getchannel("A")))
    colour = image if image.mode in ("L", "RGB") else image.convert("RGB")
    return shares(colour.convert("L"))


def shares(image: Image.Image) -> Greys:
    """8 bits -> [0, 1]."""
    return np.asarray(image, np.float32) / np.float32(255)


def spread(numbers: Greys) -> Greys:
    """Pixels that are numbers of any size -> [0, 1]: as they are if they lie there, otherwise from least to greatest.

    Raises PictureError for a pixel that is no number.
    """
    if not np.isfinite(numbers).all():
        raise PictureError("the picture has pixels that are no numbers")
    low, high = float(numbers.min()), float(numbers.max())
    if low >= 0 and high <= 1:
        return numbers
    return (numbers - low) / max(high - low, 1e-30)


def on_paper(grey: Greys, alpha: Greys) -> Greys:
    """Lay a picture with transparent parts on a paper, so that what it shows remains to be seen.

    If what is opaque has one grey, the picture is in the transparency alone and the paper takes the opposite grey;
    otherwise the paper is what most of the opaque part is. Raises PictureError if nothing is opaque.
    """
    weight = float(alpha.sum())
    if weight < 0.5:
        raise PictureError("there is no ink in this picture: it is transparent everywhere")
    mean = float((grey * alpha).sum()) / weight
    deviation = float(np.sqrt((np.square(grey - mean) * alpha).sum() / weight))
    is_flat = deviation < 0.1 or alpha.mean() < 0.5
    paper = float(mean < 0.5) if is_flat else float(np.median(grey[alpha > 0.5]))
    return grey * alpha + paper * (1 - alpha)
